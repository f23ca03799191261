// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "backends.hpp"
#include "convert.hpp"
#include "declaration.hpp"
#include "errors.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/outcome.hpp"
#include "python_executor.hpp"
#include "rooms.hpp"
#include "view.hpp"

namespace jci::python {
namespace {

using DeclarationPtr = std::shared_ptr<Declaration>;

// For the suggestion where a name is not known.
constexpr std::string_view k_pipeline_names[] = {"executor", "max_parallel", "poll_interval",
                                                 "remote",   "repo",         "reporter"};
constexpr std::string_view k_stage_names[] = {"name"};
constexpr std::string_view k_job_names[] = {"command", "depends_on", "name", "stage"};

std::string name_given(const py::object& name, const char* what) {
  if (py::isinstance<py::str>(name)) return to_bytes(name);
  throw BadConfig(fmt::format("a {} name must be a str, not {}", what, type_name(name)));
}

Milliseconds poll_interval_given(const py::object& given) {
  if (!py::isinstance<py::int_>(given) && !py::isinstance<py::float_>(given))
    throw BadConfig(fmt::format("pipeline: `poll_interval` must be a number of seconds, not {}",
                                type_name(given)));
  const double seconds = given.cast<double>();
  if (!(seconds >= 0 && seconds <= 1e6))
    throw BadConfig(
        fmt::format("pipeline: `poll_interval` must be 0 to 1000000 seconds, not {}", seconds));
  return Milliseconds(std::llround(seconds * 1000));
}

std::size_t max_parallel_given(const py::object& given) {
  if (given.is_none()) return 0;
  const bool number = py::isinstance<py::int_>(given) && !py::isinstance<py::bool_>(given);
  int overflow = 0;
  const long long jobs = number ? PyLong_AsLongLongAndOverflow(given.ptr(), &overflow) : 0;
  if (overflow == 0 && jobs >= 1) return static_cast<std::size_t>(jobs);
  throw BadConfig(
      fmt::format("pipeline: `max_parallel` must be an int of at least 1, or None, not {}",
                  to_bytes(py::repr(given))));
}

DeclarationPtr declare(const py::object& repo, const py::object& remote, const py::object& executor,
                       const py::object& reporter, const py::object& poll_interval,
                       const py::object& max_parallel, const py::dict& defaults) {
  Settings settings =
      settings_from(to_arguments(defaults, "pipeline"), "pipeline", k_pipeline_names);
  run::Choices choices{.repo = to_repo(repo),
                       .remotes = to_remotes(remote),
                       .executor = to_executor(executor),
                       .reporter = to_reporter(reporter),
                       .poll_interval = poll_interval_given(poll_interval),
                       .max_parallel = max_parallel_given(max_parallel)};
  const auto python = std::dynamic_pointer_cast<PythonExecutor>(choices.executor);
  auto declaration = std::make_shared<Declaration>(std::move(settings), std::move(choices));
  if (python) python->serve(declaration);
  return declaration;
}

StageHandle begin_stage(const DeclarationPtr& declaration, const py::object& name,
                        const py::dict& defaults) {
  const std::string given = name_given(name, "stage");
  const std::string where = fmt::format("stage `{}`", given);
  const Settings settings = settings_from(to_arguments(defaults, where), where, k_stage_names);
  return {declaration, &declaration->to_declare().begin_stage(given, settings)};
}

std::string parent_name(py::handle parent, std::string_view where) {
  if (py::isinstance<py::str>(parent)) return to_bytes(parent);
  if (py::isinstance<JobHandle>(parent)) return parent.cast<const JobHandle&>().job->name;
  throw BadConfig(fmt::format("{}: `depends_on` must be a name or a list of names, not {}", where,
                              type_name(parent)));
}

std::vector<std::string> parents_given(const py::object& depends_on, std::string_view where) {
  if (depends_on.is_none()) return {};
  const bool many = py::isinstance<py::list>(depends_on) || py::isinstance<py::tuple>(depends_on) ||
                    py::isinstance<py::anyset>(depends_on);
  if (!many) return {parent_name(depends_on, where)};
  std::vector<std::string> names;
  for (const py::handle parent : depends_on) names.push_back(parent_name(parent, where));
  return names;
}

std::optional<std::string> stage_given(const py::dict& keywords, std::string_view where) {
  if (!keywords.contains("stage") || keywords["stage"].is_none()) return std::nullopt;
  const py::object stage = keywords["stage"];
  if (py::isinstance<py::str>(stage)) return to_bytes(stage);
  if (py::isinstance<StageHandle>(stage)) return stage.cast<const StageHandle&>().stage->name;
  throw BadConfig(fmt::format("{}: `stage` must be a name, not {}", where, type_name(stage)));
}

JobHandle add_job(const DeclarationPtr& declaration, const py::object& name,
                  const py::object& command, const py::object& depends_on,
                  const py::dict& keywords) {
  const std::string given = name_given(name, "job");
  const std::string where = fmt::format("job `{}`", given);
  const JobOptions options{
      .settings = settings_from(to_arguments(keywords, where, {"stage"}), where, k_job_names),
      .depends_on = parents_given(depends_on, where),
      .stage = stage_given(keywords, where)};
  return {declaration,
          &declaration->to_declare().add_job(given, to_command(command, where), options)};
}

/// In the order of declaration; those before `first` are left out.
py::list jobs_from(const DeclarationPtr& declaration, std::size_t first) {
  py::list jobs;
  const auto& declared = declaration->pipeline().jobs();
  for (std::size_t at = first; at < declared.size(); ++at)
    jobs.append(JobHandle{declaration, &declared[at]});
  return jobs;
}

py::list stage_names(const Declaration& declaration) {
  py::list names;
  for (const Stage& stage : declaration.pipeline().stages()) names.append(to_text(stage.name));
  return names;
}

py::list env_matrix_of(const py::dict& lists) {
  std::vector<std::pair<std::string, std::vector<std::string>>> given;
  for (const auto& [key, values] : lists) {
    std::vector<std::string> texts;
    if (py::isinstance<py::str>(values))
      throw BadConfig(fmt::format("env_matrix: `{}` must be a list, not a str", to_bytes(key)));
    for (const py::handle value : values) texts.push_back(to_bytes(py::str(value)));
    given.emplace_back(to_bytes(key), std::move(texts));
  }
  py::list result;
  for (const auto& combination : env_matrix(given)) {
    py::dict env;
    for (const auto& [key, value] : combination) env[to_text(key)] = to_text(value);
    result.append(std::move(env));
  }
  return result;
}

// What Job and Stage give.

const Stage& stage_of(const JobHandle& handle) {
  return handle.declaration->pipeline().stages()[handle.job->stage];
}

py::list parents_of(const JobHandle& handle) {
  py::list names;
  for (const JobId parent : handle.job->depends_on)
    names.append(to_text(handle.declaration->pipeline().jobs()[parent].name));
  return names;
}

JobState state_of(const JobHandle& handle) { return handle.declaration->state_of(*handle.job); }

py::object utc(WallTime time) {
  const auto datetime = py::module_::import("datetime");
  const double seconds = std::chrono::duration<double>(time.time_since_epoch()).count();
  return datetime.attr("datetime")
      .attr("fromtimestamp")(seconds, datetime.attr("timezone").attr("utc"));
}

py::object exit_code_of(const JobState& state) {
  const auto* exited = state.outcome ? std::get_if<Exited>(&*state.outcome) : nullptr;
  return exited != nullptr ? py::object(py::int_(exited->code)) : py::none();
}

py::object run_state_of(const JobHandle& handle) {
  const JobState state = state_of(handle);
  if (!state.started_at) return py::none();
  const auto finished = [&] {
    return utc(*state.started_at + std::chrono::duration_cast<WallTime::duration>(*state.took));
  };
  return interface("JobStatus")(py::arg("is_running") = !is_final(state.status),
                                py::arg("exit_code") = exit_code_of(state), py::arg("logs") = "",
                                py::arg("started_at") = utc(*state.started_at),
                                py::arg("finished_at") = state.took ? finished() : py::none());
}

py::object outcome_of(const JobHandle& handle) {
  const JobState state = state_of(handle);
  return state.outcome ? py::object(to_text(jci::describe(*state.outcome))) : py::none();
}

Status status_of(const StageHandle& handle) {
  for (const StageView& stage : handle.declaration->view().stages)
    if (stage.name == handle.stage->name) return stage.status;
  return Status::pending;
}

py::list jobs_of(const StageHandle& handle) {
  py::list jobs;
  for (const JobId id : handle.stage->jobs)
    jobs.append(JobHandle{handle.declaration, &handle.declaration->pipeline().jobs()[id]});
  return jobs;
}

void bind_job(py::module_& module) {
  py::class_<JobHandle>(module, "Job", "A job, as `Pipeline.job` declared it, and how it goes.")
      .def_property_readonly("name",
                             [](const JobHandle& handle) { return to_text(handle.job->name); })
      .def_property_readonly(
          "command", [](const JobHandle& handle) { return from_command(handle.job->command); })
      .def_property_readonly("stage",
                             [](const JobHandle& handle) { return to_text(stage_of(handle).name); })
      .def_property_readonly("depends_on", &parents_of)
      .def_property_readonly("parents", &parents_of)
      .def_property_readonly("image",
                             [](const JobHandle& handle) { return to_text(handle.job->image()); })
      .def_property_readonly("timeout",
                             [](const JobHandle& handle) { return seconds(handle.job->timeout()); })
      .def_property_readonly("env",
                             [](const JobHandle& handle) { return from_env(handle.job->env()); })
      .def_property_readonly("is_service",
                             [](const JobHandle& handle) { return handle.job->is_service(); })
      .def_property_readonly(
          "executor_kwargs",
          [](const JobHandle& handle) { return from_dict(handle.job->settings->executor_kwargs); })
      .def_property_readonly("status",
                             [](const JobHandle& handle) { return state_of(handle).status; })
      .def_property_readonly(
          "run_id", [](const JobHandle& handle) { return to_text(state_of(handle).run_id); })
      .def_property_readonly("run_state", &run_state_of)
      .def_property_readonly("exit_code",
                             [](const JobHandle& handle) { return exit_code_of(state_of(handle)); })
      .def_property_readonly("outcome", &outcome_of)
      .def_property_readonly(
          "report", [](const JobHandle& handle) { return to_text(state_of(handle).report); })
      .def("is_complete", [](const JobHandle& handle) { return is_final(state_of(handle).status); })
      .def("__eq__",
           [](const JobHandle& handle, const py::object& other) {
             return py::isinstance<JobHandle>(other) &&
                    other.cast<const JobHandle&>().job == handle.job;
           })
      .def("__hash__", [](const JobHandle& handle) { return std::hash<const void*>()(handle.job); })
      .def("__repr__", [](const JobHandle& handle) {
        return to_text(
            fmt::format("<Job {} {}>", handle.job->name, to_string(state_of(handle).status)));
      });
}

void bind_stage(py::module_& module) {
  py::class_<StageHandle>(module, "Stage", "A stage, as `Pipeline.stage` declared it.")
      .def_property_readonly("name",
                             [](const StageHandle& handle) { return to_text(handle.stage->name); })
      .def_property_readonly("jobs", &jobs_of)
      .def_property_readonly("status", &status_of)
      .def("__repr__",
           [](const StageHandle& handle) { return to_text("<Stage " + handle.stage->name + ">"); });
}

void bind_declaration(py::module_& module) {
  py::class_<Declaration, DeclarationPtr>(module, "Declaration", "What a Pipeline is made of.")
      .def(py::init(&declare), py::arg("repo"), py::arg("remote"), py::arg("executor"),
           py::arg("reporter"), py::arg("poll_interval"), py::arg("max_parallel"),
           py::arg("defaults"))
      .def("begin_stage", &begin_stage)
      .def("end_stage", [](Declaration& declaration) { declaration.end_stage(); })
      .def("add_job", &add_job)
      .def("jobs_from", &jobs_from)
      .def("stage_names", &stage_names)
      .def("repo",
           [](Declaration& declaration) { return from_repo(declaration.session()->repo()); })
      .def("remotes",
           [](Declaration& declaration) { return from_remotes(declaration.session()->remotes()); })
      .def(
          "executor",
          [](Declaration& declaration) { return from_executor(declaration.session()->executor()); })
      .def(
          "reporter",
          [](Declaration& declaration) { return from_reporter(declaration.session()->reporter()); })
      .def("pipe_id", [](Declaration& declaration) { return to_text(declaration.pipe_id()); })
      .def("run", &Declaration::run)
      .def("close", &Declaration::close)
      .def("exit_code", &Declaration::exit_code)
      .def("view", [](const Declaration& declaration) { return to_python(declaration.view()); })
      .def("status", [](const Declaration& declaration) { return declaration.view().status; });
}

}  // namespace

void bind_pipeline(py::module_& module) {
  bind_stage(module);
  bind_job(module);
  bind_declaration(module);
  for (const char* name : {"Job", "Stage"}) show_as(module.attr(name), "jci", name);
  module.def("env_matrix", &env_matrix_of, py::arg("lists"));
}

}  // namespace jci::python
