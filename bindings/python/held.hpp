// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/pybind11.h>

#include <utility>

namespace jci::python {

/// A Python object that C++ keeps alive, on whatever thread it may let go of it: the reference is dropped under the GIL,
/// or left alone where the interpreter has ended before.
class Held {
 public:
  explicit Held(pybind11::object object) : object_(std::move(object)) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (Py_IsInitialized() == 0) {
      object_.release();
      return;
    }
    const pybind11::gil_scoped_acquire gil;
    object_ = {};
  }

  /// Needs the GIL.
  const pybind11::object& get() const { return object_; }

 private:
  pybind11::object object_;
};

}  // namespace jci::python
