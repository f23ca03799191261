// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "jci/core/event.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/core/repo.hpp"
#include "jci/core/status.hpp"

namespace jci::run {

// What the History knows of the runs before this one. Nothing where it knows nothing, or cannot be read: Recorder says why.

/// How the run before `pipe_id` ended, of the same repository and branch.
std::optional<Status> status_before(const std::filesystem::path& state_directory, const Repo& repo,
                                    const std::string& pipe_id);

/// The name of the executor that ran `config` of this repository the last time; empty where nobody knows. Hardly waits for others who use it.
std::string executor_before(const std::filesystem::path& state_directory,
                            const std::filesystem::path& repo_root, const std::string& config);

/// How long the jobs took that passed in the run before `info`, of the same repository, config and executor; by name. Hardly waits for others who use it.
std::map<std::string, Nanoseconds> times_before(const std::filesystem::path& state_directory,
                                                const RunInfo& info);

/// Of each job that measures coverage: how much it was, in per cent, when it last did on the target branch (repos/git.hpp).
std::map<std::string, double> coverage_before(const std::filesystem::path& state_directory,
                                              const Repo& repo, const Pipeline& pipeline);

}  // namespace jci::run
