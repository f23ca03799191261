// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/pybind11.h>

namespace jci::python {

// What `_core` is made of, one function per noun; module.cpp calls them in this order.
void bind_errors(pybind11::module_& module);
void bind_status(pybind11::module_& module);
void bind_repos(pybind11::module_& module);
void bind_remotes(pybind11::module_& module);
void bind_when(pybind11::module_& module);
void bind_view(pybind11::module_& module);
void bind_reporters(pybind11::module_& module);
void bind_executors(pybind11::module_& module);
void bind_pipeline(pybind11::module_& module);
void bind_process(pybind11::module_& module);

}  // namespace jci::python
