// SPDX-License-Identifier: MIT
#include "convert.hpp"
#include "errors.hpp"
#include "jci/core/errors.hpp"
#include "rooms.hpp"

namespace jci::python {
namespace {

void raise(const char* name, const std::exception& error) {
  PyErr_SetObject(interface(name).ptr(), to_text(error.what()).ptr());
}

/// The one place where our exceptions become Python's; the classes are in interfaces.py.
void translate(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const BadConfig& error) {
    raise("BadConfig", error);
  } catch (const TriggerFailed& error) {
    raise("TriggerFailed", error);
  } catch (const RemoteApiFailed& error) {
    raise("RemoteApiFailed", error);
  }
}

}  // namespace

py::object interface(const char* name) {
  return py::module_::import("jaypore_ci.interfaces").attr(name);
}

PythonError describe(py::error_already_set& error) {
  const auto traceback = py::module_::import("traceback");
  const auto joined = [](const py::object& lines) {
    return to_bytes(py::str("").attr("join")(lines));
  };
  std::string last = joined(traceback.attr("format_exception_only")(error.type(), error.value()));
  last.erase(last.find_last_not_of('\n') + 1);
  const py::object trace = error.trace() ? py::object(error.trace()) : py::none();
  return {last, joined(traceback.attr("format_exception")(error.type(), error.value(), trace))};
}

void bind_errors(py::module_& /*module*/) { py::register_exception_translator(&translate); }

}  // namespace jci::python
