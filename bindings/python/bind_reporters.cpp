// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "backends.hpp"
#include "convert.hpp"
#include "errors.hpp"
#include "held.hpp"
#include "jci/core/errors.hpp"
#include "jci/reporters/text.hpp"
#include "rooms.hpp"
#include "view.hpp"

namespace jci::python {
namespace {

struct TextReporter : NativeReporter {};

/// A reporter written in Python.
class PythonReporter final : public Reporter {
 public:
  explicit PythonReporter(py::object reporter)
      : name_(type_name(reporter)), reporter_(std::move(reporter)) {}

  std::string render(const PipelineView& view) override {
    try {
      return in_python([&] { return text_from(reporter_.get().attr("render")(to_python(view))); });
    } catch (const PythonError& error) {
      throw TriggerFailed(
          fmt::format("`{}.render` raised an exception\n{}", name_, error.traceback));
    }
  }

 private:
  std::string text_from(const py::object& report) const {
    if (py::isinstance<py::str>(report)) return to_bytes(report);
    throw TriggerFailed(
        fmt::format("`{}.render` must return a str, not {}", name_, type_name(report)));
  }

  std::string name_;
  Held reporter_;
};

/// Takes a Pipeline as well as a view of one.
py::str render(const NativeReporter& reporter, const py::object& pipeline) {
  const py::object view = py::isinstance<ViewHandle>(pipeline) ? pipeline : pipeline.attr("view")();
  return to_text(reporter.it->render(*view.cast<const ViewHandle&>().it));
}

}  // namespace

std::shared_ptr<Reporter> to_reporter(const py::object& given) {
  if (given.is_none()) return nullptr;
  if (py::type::handle_of(given).is(py::type::of<TextReporter>()))
    return given.cast<TextReporter&>().it;
  expect_backend(given, "reporter", {"render"});
  return std::make_shared<PythonReporter>(given);
}

py::object from_reporter(const std::shared_ptr<Reporter>& chosen) {
  return py::cast(TextReporter{{chosen}});
}

void bind_reporters(py::module_& module) {
  py::class_<NativeReporter>(module, "NativeReporter", "A reporter that comes with jaypore_ci.")
      .def("render", &render, py::arg("pipeline"));
  py::class_<TextReporter, NativeReporter>(module, "Text", "The report as a block of text.")
      .def(py::init([] { return TextReporter{{make_text_reporter()}}; }));
  show_as(module.attr("Text"), "reporters.text", "Text");
}

}  // namespace jci::python
