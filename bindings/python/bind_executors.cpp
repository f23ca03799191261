// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <chrono>
#include <map>

#include "backends.hpp"
#include "convert.hpp"
#include "declaration.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/core/outcome.hpp"
#include "jci/executors/docker/docker.hpp"
#include "jci/executors/docker/keep.hpp"
#include "jci/executors/mock.hpp"
#include "jci/executors/shell.hpp"
#include "python_executor.hpp"
#include "rooms.hpp"

namespace jci::python {
namespace {

struct DockerHandle : NativeExecutor {};
struct ShellHandle : NativeExecutor {};
struct MockHandle : NativeExecutor {
  MockExecutor& mock() const { return static_cast<MockExecutor&>(*it); }
};

DockerHandle make_docker(const py::object& keep, const py::object& share_namespaces) {
  if (!py::isinstance<py::str>(keep))
    throw BadConfig(
        fmt::format("executors.Docker: `keep` must be \"failed\", \"all\" or \"never\", not {}",
                    to_bytes(py::repr(keep))));
  if (!py::isinstance<py::bool_>(share_namespaces))
    throw BadConfig(fmt::format("executors.Docker: `share_namespaces` must be a bool, not {}",
                                to_bytes(py::repr(share_namespaces))));
  return {{make_docker_executor({.keep = docker::keep_named(to_bytes(keep)),
                                 .share_namespaces = share_namespaces.cast<bool>()})}};
}

py::dict execution_order(const NativeExecutor& executor) {
  py::dict order;
  std::size_t position = 0;
  for (const std::string& job : executor.it->execution_order()) order[to_text(job)] = position++;
  return order;
}

Nanoseconds nanoseconds(double seconds) {
  if (!(seconds >= 0 && seconds < 1e9))
    throw BadConfig(fmt::format("a mock's times are seconds from 0 on, not {}", seconds));
  return std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds));
}

std::string log_bytes(const py::handle& logs) {
  if (py::isinstance<py::bytes>(logs)) return py::reinterpret_borrow<py::bytes>(logs);
  return to_bytes(py::str(logs));
}

Outcome scripted_outcome(int exit_code, const py::object& signal, const py::object& could_not_start,
                         const py::object& lost) {
  if (!could_not_start.is_none()) return CouldNotStart{to_bytes(could_not_start)};
  if (!lost.is_none()) return Lost{to_bytes(lost)};
  if (!signal.is_none()) return Signaled{signal.cast<int>()};
  if (exit_code < 0 || exit_code > 255)
    throw BadConfig(fmt::format("an exit code is 0 to 255, not {}", exit_code));
  return Exited{exit_code};
}

void script(const MockHandle& mock, const py::str& name, int exit_code, double duration,
            const py::object& logs, const py::object& errors, const py::str& report,
            const py::object& signal, const py::object& could_not_start, const py::object& lost,
            double ready_after, const py::object& dies_after) {
  MockScript script;
  script.outcome = scripted_outcome(exit_code, signal, could_not_start, lost);
  script.duration = nanoseconds(duration);
  script.output = {{Stream::out, log_bytes(logs)}, {Stream::err, log_bytes(errors)}};
  script.report = to_bytes(report);
  script.ready_after = nanoseconds(ready_after);
  if (!dies_after.is_none()) script.dies_after = nanoseconds(dies_after.cast<double>());
  mock.mock().script(to_bytes(name), std::move(script));
}

/// The three things a test most often says, each by job name.
MockHandle make_mock(const std::map<std::string, int>& outcomes,
                     const std::map<std::string, double>& durations, const py::dict& logs) {
  std::map<std::string, MockScript> scripts;
  const auto of = [&](const std::string& name) -> MockScript& { return scripts[clean_name(name)]; };
  for (const auto& [name, code] : outcomes)
    of(name).outcome = scripted_outcome(code, py::none(), py::none(), py::none());
  for (const auto& [name, duration] : durations) of(name).duration = nanoseconds(duration);
  for (const auto& [name, text] : logs)
    of(to_bytes(name)).output = {{Stream::out, log_bytes(text)}};
  auto mock = std::make_shared<MockExecutor>();
  for (auto& [name, script] : scripts) mock->script(name, std::move(script));
  return {{std::move(mock)}};
}

py::list runs_of(const MockHandle& mock) {
  py::list runs;
  for (const MockRun& run : mock.mock().runs()) runs.append(run);
  return runs;
}

double in_seconds(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

void bind_context(py::module_& module) {
  py::class_<RunContext>(module, "RunContext", "The run that an executor serves.")
      .def_property_readonly(
          "pipe_id", [](const RunContext& context) { return to_text(context.info.pipe_id); })
      .def_property_readonly("sha",
                             [](const RunContext& context) { return to_text(context.info.sha); })
      .def_property_readonly("branch",
                             [](const RunContext& context) { return to_text(context.info.branch); })
      .def_property_readonly(
          "workspace",
          [](const RunContext& context) { return to_text(context.workspace.string()); })
      .def_property_readonly(
          "env",
          [](const RunContext& context) {
            return from_env(context.base_env.shown_to_all(context.pipeline->jobs()));
          })
      .def(
          "env_of",
          [](const RunContext& context, const JobHandle& handle) {
            return from_env(context.base_env.of(*handle.job));
          },
          py::arg("job"))
      .def_property_readonly("grace",
                             [](const RunContext& context) { return in_seconds(context.grace); })
      .def_property_readonly("poll_interval", [](const RunContext& context) {
        return in_seconds(context.poll_interval);
      });
}

void bind_mock(py::module_& module) {
  py::class_<MockRun>(module, "MockRun", "One job that a mock was asked to run.")
      .def_property_readonly("job", [](const MockRun& run) { return to_text(run.job); })
      .def_property_readonly("start", [](const MockRun& run) { return in_seconds(run.start); })
      .def_property_readonly("end", [](const MockRun& run) { return in_seconds(run.end); })
      .def_property_readonly("outcome",
                             [](const MockRun& run) { return to_text(jci::describe(run.outcome)); })
      .def("__repr__", [](const MockRun& run) {
        return to_text(fmt::format("<MockRun {} {}s to {}s: {}>", run.job, in_seconds(run.start),
                                   in_seconds(run.end), jci::describe(run.outcome)));
      });

  py::class_<MockHandle, NativeExecutor>(module, "MockExecutor", py::is_final(),
                                         "Jobs that only pretend to run, for testing a config.")
      .def(py::init(&make_mock), py::kw_only(), py::arg("outcomes") = py::dict(),
           py::arg("durations") = py::dict(), py::arg("logs") = py::dict())
      .def("script", &script, py::arg("name"), py::kw_only(), py::arg("exit_code") = 0,
           py::arg("duration") = 0.0, py::arg("logs") = "", py::arg("errors") = "",
           py::arg("report") = "", py::arg("signal") = py::none(),
           py::arg("could_not_start") = py::none(), py::arg("lost") = py::none(),
           py::arg("ready_after") = 0.0, py::arg("dies_after") = py::none())
      .def(
          "fail_setup",
          [](const MockHandle& mock, const py::str& reason) {
            mock.mock().fail_open(to_bytes(reason));
          },
          py::arg("reason"))
      .def_property_readonly("runs", &runs_of);
  show_as(module.attr("MockExecutor"), "executors.mock", "Mock");
}

}  // namespace

std::shared_ptr<Executor> to_executor(const py::object& given) {
  if (given.is_none()) return nullptr;
  if (py::isinstance<NativeExecutor>(given)) return given.cast<const NativeExecutor&>().it;
  expect_backend(given, "executor", {"run", "get_status"});
  return make_python_executor(given);
}

py::object from_executor(const std::shared_ptr<Executor>& chosen) {
  if (chosen->name() == "docker") return py::cast(DockerHandle{{chosen}});
  if (chosen->name() == "shell") return py::cast(ShellHandle{{chosen}});
  if (std::dynamic_pointer_cast<MockExecutor>(chosen)) return py::cast(MockHandle{{chosen}});
  return py::cast(NativeExecutor{chosen});
}

void bind_executors(py::module_& module) {
  bind_context(module);
  py::class_<NativeExecutor>(module, "NativeExecutor", "An executor that comes with jaypore_ci.")
      .def_property_readonly(
          "name", [](const NativeExecutor& executor) { return to_text(executor.it->name()); })
      .def("get_execution_order", &execution_order);
  py::class_<DockerHandle, NativeExecutor>(module, "Docker", py::is_final(),
                                           "Jobs in containers of a Docker engine.")
      .def(py::init(&make_docker), py::kw_only(), py::arg("keep") = "failed",
           py::arg("share_namespaces") = true);
  show_as(module.attr("Docker"), "executors.docker", "Docker");
  py::class_<ShellHandle, NativeExecutor>(module, "Shell", py::is_final(),
                                          "Jobs as processes of this machine.")
      .def(py::init([](bool bubblewrap) {
             return ShellHandle{{make_shell_executor({.bubblewrap = bubblewrap})}};
           }),
           py::kw_only(), py::arg("bubblewrap") = true);
  show_as(module.attr("Shell"), "executors.shell", "Shell");
  bind_mock(module);
}

}  // namespace jci::python
