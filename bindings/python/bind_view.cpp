// SPDX-License-Identifier: MIT
#include <algorithm>
#include <memory>

#include "backends.hpp"
#include "convert.hpp"
#include "errors.hpp"
#include "jci/core/dot.hpp"
#include "jci/core/view.hpp"
#include "rooms.hpp"
#include "view.hpp"

namespace jci::python {
namespace {

const JobView& job_of(const JobInView& handle) { return *handle.job; }

template <class Give>
py::dict jobs_of(const ViewHandle& view, const Give& give) {
  py::dict jobs;
  for (const StageView& stage : view.it->stages) {
    for (const JobView& job : stage.jobs) {
      if (give(job)) jobs[to_text(job.name)] = JobInView{view.it, &stage, &job};
    }
  }
  return jobs;
}

py::list stages_of(const ViewHandle& view) {
  py::list names;
  for (const StageView& stage : view.it->stages) names.append(to_text(stage.name));
  return names;
}

py::list parents_of(const JobInView& handle) {
  py::list names;
  for (const std::string& name : job_of(handle).depends_on) names.append(to_text(name));
  return names;
}

py::object exit_code_of(const JobInView& handle) {
  const auto& outcome = job_of(handle).outcome;
  const auto* exited = outcome ? std::get_if<Exited>(&*outcome) : nullptr;
  return exited != nullptr ? py::object(py::int_(exited->code)) : py::none();
}

py::object outcome_of(const JobInView& handle) {
  const auto& outcome = job_of(handle).outcome;
  return outcome ? py::object(to_text(jci::describe(*outcome))) : py::none();
}

py::object elapsed_of(const JobInView& handle) {
  const auto& elapsed = job_of(handle).elapsed;
  return elapsed ? py::object(py::float_(std::chrono::duration<double>(*elapsed).count()))
                 : py::none();
}

/// Seconds since 1970, or None.
py::object moment(const std::optional<WallTime>& at) {
  if (!at) return py::none();
  return py::float_(std::chrono::duration<double>(at->time_since_epoch()).count());
}

py::list to_texts(const std::vector<std::string>& all) {
  py::list texts;
  for (const std::string& text : all) texts.append(to_text(text));
  return texts;
}

/// A copy of what there is, or None.
template <class T>
py::object maybe(const std::optional<T>& value) {
  return value ? py::cast(*value) : py::object(py::none());
}

void bind_results(py::module_& module) {
  py::class_<FailedTest>(module, "FailedTest", "One test that did not pass.")
      .def_property_readonly("suite", [](const FailedTest& test) { return to_text(test.suite); })
      .def_property_readonly("name", [](const FailedTest& test) { return to_text(test.name); })
      .def_property_readonly("message",
                             [](const FailedTest& test) { return to_text(test.message); });
  py::class_<TestResults>(module, "TestResults", "What the JUnit XML files of a job say.")
      .def_readonly("passed", &TestResults::passed)
      .def_readonly("failed", &TestResults::failed)
      .def_readonly("skipped", &TestResults::skipped)
      .def_property_readonly("total", &TestResults::total)
      .def_property_readonly("took",
                             [](const TestResults& tests) {
                               return std::chrono::duration<double>(tests.took).count();
                             })
      .def_property_readonly("failures", [](const TestResults& tests) {
        py::list failures;
        for (const FailedTest& test : tests.failures) failures.append(py::cast(test));
        return failures;
      });
  py::class_<Coverage>(module, "Coverage", "How much of the code its tests run.")
      .def_readonly("percent", &Coverage::percent)
      .def_property_readonly("before",
                             [](const Coverage& coverage) { return maybe(coverage.before); });
  for (const char* name : {"Coverage", "FailedTest", "TestResults"})
    show_as(module.attr(name), "interfaces", name);
}

/// A property that is a `str` of the view.
template <auto Member>
py::str text(const ViewHandle& view) {
  return to_text((*view.it).*Member);
}
template <auto Member>
py::str job_text(const JobInView& handle) {
  return to_text(job_of(handle).*Member);
}

}  // namespace

py::object to_python(PipelineView view) {
  return py::cast(ViewHandle{std::make_shared<const PipelineView>(std::move(view))});
}

void bind_view(py::module_& module) {
  bind_results(module);
  py::class_<JobInView>(module, "JobView", "One job in a PipelineView.")
      .def_property_readonly("name", &job_text<&JobView::name>)
      .def_property_readonly("stage",
                             [](const JobInView& handle) { return to_text(handle.stage->name); })
      .def_property_readonly("status",
                             [](const JobInView& handle) { return job_of(handle).status; })
      .def_property_readonly("is_service",
                             [](const JobInView& handle) { return job_of(handle).is_service; })
      .def_property_readonly("image", &job_text<&JobView::image>)
      .def_property_readonly("run_id", &job_text<&JobView::run_id>)
      .def_property_readonly("depends_on", &parents_of)
      .def_property_readonly("parents", &parents_of)
      .def_property_readonly("elapsed", &elapsed_of)
      .def_property_readonly("exit_code", &exit_code_of)
      .def_property_readonly("outcome", &outcome_of)
      .def_property_readonly(
          "started_at", [](const JobInView& handle) { return moment(job_of(handle).started_at); })
      .def_property_readonly("report", &job_text<&JobView::report>)
      .def_property_readonly("tests",
                             [](const JobInView& handle) { return maybe(job_of(handle).tests); })
      .def_property_readonly("coverage",
                             [](const JobInView& handle) { return maybe(job_of(handle).coverage); })
      .def_property_readonly(
          "warnings", [](const JobInView& handle) { return to_texts(job_of(handle).warnings); })
      .def_property_readonly("log_tail", &job_text<&JobView::log_tail>)
      .def("__repr__", [](const JobInView& handle) {
        return to_text("<JobView " + job_of(handle).name + " " +
                       std::string(to_string(job_of(handle).status)) + ">");
      });

  py::class_<RepoInView>(module, "RepoView", "The commit that a PipelineView is of.")
      .def_property_readonly("sha", [](const RepoInView& repo) { return to_text(repo.view->sha); })
      .def_property_readonly("branch",
                             [](const RepoInView& repo) { return to_text(repo.view->branch); })
      .def_property_readonly("remote",
                             [](const RepoInView& repo) { return to_text(repo.view->remote); })
      .def_property_readonly("author_name",
                             [](const RepoInView& repo) { return to_text(repo.view->author_name); })
      .def_property_readonly(
          "author_email", [](const RepoInView& repo) { return to_text(repo.view->author_email); })
      .def_property_readonly("commit_message", [](const RepoInView& repo) {
        return interface("CommitMessage")(to_text(repo.view->commit_message));
      });

  py::class_<ViewHandle>(module, "PipelineView",
                         "How a pipeline stood at one moment: all that a reporter may know.")
      .def_property_readonly("pipe_id", &text<&PipelineView::pipe_id>)
      .def_property_readonly("sha", &text<&PipelineView::sha>)
      .def_property_readonly("branch", &text<&PipelineView::branch>)
      .def_property_readonly("repo", [](const ViewHandle& view) { return RepoInView{view.it}; })
      .def_property_readonly(
          "jobs",
          [](const ViewHandle& view) { return jobs_of(view, [](const JobView&) { return true; }); })
      .def_property_readonly("services",
                             [](const ViewHandle& view) {
                               return py::list(jobs_of(view, [](const JobView& job) {
                                                 return job.is_service;
                                               }).attr("values")());
                             })
      .def_property_readonly("stages", &stages_of)
      .def_property_readonly("started_at",
                             [](const ViewHandle& view) { return moment(view.it->started_at); })
      .def_property_readonly("before",
                             [](const ViewHandle& view) { return maybe(view.it->before); })
      .def_property_readonly("warnings",
                             [](const ViewHandle& view) { return to_texts(view.it->warnings); })
      .def_property_readonly("elapsed",
                             [](const ViewHandle& view) {
                               return std::chrono::duration<double>(view.it->elapsed).count();
                             })
      .def("get_status", [](const ViewHandle& view) { return view.it->status; })
      .def("get_status_dot", [](const ViewHandle& view) { return to_text(dot(view.it->status)); });
  for (const char* name : {"JobView", "PipelineView", "RepoView"})
    show_as(module.attr(name), "interfaces", name);
}

}  // namespace jci::python
