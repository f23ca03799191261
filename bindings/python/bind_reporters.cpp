// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "backends.hpp"
#include "convert.hpp"
#include "errors.hpp"
#include "held.hpp"
#include "jci/core/errors.hpp"
#include "jci/reporters/html.hpp"
#include "jci/reporters/json.hpp"
#include "jci/reporters/junit.hpp"
#include "jci/reporters/markdown.hpp"
#include "jci/reporters/text.hpp"
#include "rooms.hpp"
#include "view.hpp"

namespace jci::python {
namespace {

enum class Form { text, markdown, json, junit, html };

/// Each form is a class of its own in Python.
template <Form>
struct ReporterHandle : NativeReporter {};

/// The classes themselves, not those that users derive from them.
std::vector<py::handle>& built_in_types() {
  static std::vector<py::handle> types;
  return types;
}

bool is_built_in(const py::object& given) {
  const auto type = py::type::handle_of(given);
  return std::ranges::any_of(built_in_types(),
                             [&](const py::handle& known) { return known.is(type); });
}

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

/// `make` gives a Reporter; `extra` are its arguments, for people and with their defaults.
template <Form form, class... Arguments, class... Extra>
void bind_form(py::module_& module, const char* name, const char* room, const char* doc,
               std::unique_ptr<Reporter> (*make)(Arguments...), const Extra&... extra) {
  auto bound = py::class_<ReporterHandle<form>, NativeReporter>(module, name, doc);
  bound.def(py::init([make](Arguments... arguments) {
              return ReporterHandle<form>{{make(arguments...)}};
            }),
            extra...);
  show_as(bound, room, name);
  built_in_types().push_back(bound);
}

std::unique_ptr<Reporter> make_markdown(std::size_t max_characters) {
  return make_markdown_reporter({.max_characters = max_characters});
}

}  // namespace

std::shared_ptr<Reporter> to_reporter(const py::object& given) {
  if (given.is_none()) return nullptr;
  if (is_built_in(given)) return given.cast<NativeReporter&>().it;
  expect_backend(given, "reporter", {"render"});
  return std::make_shared<PythonReporter>(given);
}

py::object from_reporter(const std::shared_ptr<Reporter>& chosen) {
  return py::cast(ReporterHandle<Form::text>{{chosen}});
}

void bind_reporters(py::module_& module) {
  py::class_<NativeReporter>(module, "NativeReporter", "A reporter that comes with jaypore_ci.")
      .def("render", &render, py::arg("pipeline"));
  bind_form<Form::text>(module, "Text", "reporters.text", "The report as a block of text.",
                        &make_text_reporter);
  bind_form<Form::markdown>(module, "Markdown", "reporters.markdown",
                            "The report as a pull request shows it.", &make_markdown, py::kw_only(),
                            py::arg("max_characters") = MarkdownOptions{}.max_characters);
  bind_form<Form::json>(module, "Json", "reporters.json", "The report for programs.",
                        &make_json_reporter);
  bind_form<Form::junit>(module, "JUnit", "reporters.junit", "The report as JUnit XML.",
                         &make_junit_reporter);
  bind_form<Form::html>(module, "Html", "reporters.html", "The report as one HTML file.",
                        &make_html_reporter);
}

}  // namespace jci::python
