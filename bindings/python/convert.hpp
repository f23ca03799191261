// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/job.hpp"
#include "jci/core/value.hpp"

namespace jci::python {

namespace py = pybind11;

// All of these need the GIL. Bytes that are not UTF-8 become surrogate escapes in a `str`, as in `os.environ`, and come
// back as the bytes they were.

/// Throws BadConfig for a `str` that no encoding can write.
std::string to_bytes(py::handle text);
py::str to_text(std::string_view bytes);

/// The values of keyword arguments; those of the names in `taken` are left out, and settings that are `None`: not said here. A name that no setting has keeps its place
/// with an empty value, so that the core can name the nearest. Throws BadConfig for a value of a type that no setting has.
Arguments to_arguments(const py::dict& keywords, std::string_view where,
                       std::initializer_list<std::string_view> taken = {});

py::object from_value(const Value& value);
py::dict from_dict(const Value::Dict& dict);
py::dict from_env(const Env& env);

/// `None`, a `str` or a sequence of `str`. Throws BadConfig.
Command to_command(py::handle command, std::string_view where);
py::object from_command(const Command& command);

/// Whole seconds as `int`, others as `float`.
py::object seconds(std::chrono::nanoseconds time);

/// `AnExecutor` for an instance of `class AnExecutor`.
std::string type_name(py::handle object);

}  // namespace jci::python
