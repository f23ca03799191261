// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "jci/core/executor.hpp"

namespace jci {

class StartedSupervisor;

struct ShellOptions {
  /// Where bubblewrap is installed and allowed, jobs see the Workspace at /jaypore_ci/run as well.
  bool bubblewrap = true;
  /// The program `jci-supervise`; empty: the one beside this library.
  std::filesystem::path supervisor = {};
};

/// Runs jobs as processes of this machine, with the Workspace as working directory and the environment of shell_environment.hpp. `image`
/// and `executor_kwargs` mean nothing here. A service is up as soon as its process runs.
///
/// A job is its main process and all that this starts, however far it daemonizes; the job is over when the main process is: the rest is
/// killed. Nothing of a job outlives it, nor the run, even where the engine's own process is killed.
///
/// Under bubblewrap the jobs' root directory is a view of the machine's, made once per run: all that lies in it is the real thing, but
/// what is created directly in `/` is gone after the run, and set-user-id programs (sudo) have no effect. The working directory keeps its
/// real path, so that what a job hands to the outside (`docker run -v "$PWD":...`) is right there.
std::unique_ptr<Executor> make_shell_executor(const ShellOptions& options = {});

/// Starts what the executor needs for a run in `workspace`, before the process `engine` asks for it (RunContext::supervisor): bubblewrap alone takes
/// longer than a short job. Nothing where it cannot be.
std::optional<StartedSupervisor> start_shell_ahead(const std::filesystem::path& workspace,
                                                   pid_t engine);

}  // namespace jci
