// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/executor.hpp"
#include "jci/core/settings.hpp"

namespace jci {

/// The variable by which a process of a job can be told: `<pipe id>.<job id>`.
inline constexpr std::string_view k_job_marker = "JAYPORE_JOB_ID";

/// Variables as execve(2) takes them: `NAME=value`, one after the other, each ended by a NUL.
struct VariableBlock {
  std::string text;
  std::uint32_t count = 0;
};

/// The environment of a job that runs as a process of this machine. Later lines win:
///   what jci itself was started with: a job on this machine needs its tools, its proxies, its ssh agent. Not taken over are JAYPORE_* and
///       _JCI, which are for us; PWD and OLDPWD, which would be wrong; and those by which git tells a hook its repository, as a job's
///       git would then work on the user's repository instead of the Workspace's;
///   CI=true, by convention of all CI systems;
///   `context.base_env` as far as the job gets it, then the job's own env;
///   PWD and JAYPORE_RUN: the Workspace; JAYPORE_JOB_ID: see k_job_marker.
/// What is the same for many jobs of a run is put together once.
class ShellEnvironment {
 public:
  /// `context` must outlive this.
  ShellEnvironment(Env inherited, const RunContext& context);

  VariableBlock of(const Job& job) const;

 private:
  struct Variable {
    std::string name;
    std::string line;  // with its NUL
  };

  std::vector<Variable> with(const Env& of_run) const;

  const RunContext* context_;
  Env inherited_;
  Env fixed_;
  std::vector<Variable> common_;  // of jobs that get all of base_env
};

}  // namespace jci
