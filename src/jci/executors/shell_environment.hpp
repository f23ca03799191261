// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "jci/core/executor.hpp"

namespace jci {

/// The variable by which a process of a job can be told: `<pipe id>.<job id>`.
inline constexpr std::string_view k_job_marker = "JAYPORE_JOB_ID";

/// The environment of a job that runs as a process of this machine. Later lines win:
///   what jci itself was started with: a job on this machine needs its tools, its proxies, its ssh agent. Not taken over are JAYPORE_* and
///       _JCI, which are for us; PWD and OLDPWD, which would be wrong; and those by which git tells a hook its repository, as a job's
///       git would then work on the user's repository instead of the Workspace's;
///   CI=true, by convention of all CI systems;
///   `context.base_env` as far as the job gets it, then the job's own env;
///   PWD and JAYPORE_RUN: the Workspace; JAYPORE_JOB_ID: see k_job_marker.
Env shell_environment(const Env& inherited, const RunContext& context, const Job& job);

}  // namespace jci
