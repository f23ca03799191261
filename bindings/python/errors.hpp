// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/pybind11.h>

#include <stdexcept>
#include <string>

namespace jci::python {

/// An exception of the user's Python code, as plain text: unlike pybind11's own it may travel to any thread.
/// what() is its last line, such as "ValueError: no such host".
struct PythonError : std::runtime_error {
  PythonError(const std::string& last_line, std::string with_traceback)
      : runtime_error(last_line), traceback(std::move(with_traceback)) {}
  std::string traceback;  ///< as Python prints it, its last line included; ends in a newline
};

/// Needs the GIL.
PythonError describe(pybind11::error_already_set& error);

/// The class `jaypore_ci.interfaces.<name>`. Needs the GIL.
pybind11::object interface(const char* name);

/// Calls `python` and lets what it raises go on as PythonError. Takes the GIL.
template <class Call>
auto in_python(const Call& python) {
  const pybind11::gil_scoped_acquire gil;
  try {
    return python();
  } catch (pybind11::error_already_set& error) {
    throw describe(error);
  }
}

}  // namespace jci::python
