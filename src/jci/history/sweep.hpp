// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "jci/core/state.hpp"
#include "jci/history/store.hpp"

namespace jci::history {

/// `state_directory`/history.db
std::filesystem::path database_file(const std::filesystem::path& state_directory);
/// `state_directory`/runs/`pipe_id`: lock and logs of one run.
std::filesystem::path run_directory(const std::filesystem::path& state_directory,
                                    const std::string& pipe_id);

/// RUNNING in the history, but its process is gone: killed, or the machine went down. True also once it is marked.
bool was_interrupted(const std::filesystem::path& state_directory, const RunRow& run);

/// Finds the runs that were interrupted, has `clean` remove what they may have left behind (Workspace, processes), and marks
/// them. `clean` is called again at the next sweep if this process dies in it. Throws StoreFailed.
void sweep(Store& store, const std::filesystem::path& state_directory,
           const std::function<void(const RunRow&)>& clean = {});

/// A run is kept while it is one of the newest `runs` of its repository, or younger than `age`, or not over.
struct Retention {
  std::size_t runs = 200;
  std::chrono::hours age = std::chrono::days(30);
};

/// Removes logs and rows of runs of one repository that need not be kept, a few at a time so that nobody waits for it, and
/// directories of that age that belong to no run in the history. False where some are left for the next time. Throws StoreFailed.
bool remove_expired(Store& store, const std::filesystem::path& state_directory,
                    const std::string& repo_root, const Retention& retention, WallTime now);

/// The same, but for a repository for which it was done, to its end, within a day: it looks at all runs there are.
void remove_expired_daily(Store& store, const std::filesystem::path& state_directory,
                          const std::string& repo_root, const Retention& retention, WallTime now);

}  // namespace jci::history
