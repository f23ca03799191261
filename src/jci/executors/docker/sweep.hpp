// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "jci/executors/docker/client.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

class Deaths;

// Labels of everything that we make on an engine. What is ours is found by these, never by its name.
inline constexpr std::string_view k_run_label = "in.jayporeci.run";
inline constexpr std::string_view k_owner_label = "in.jayporeci.owner";
inline constexpr std::string_view k_job_label = "in.jayporeci.job";
/// Of a copy of a Workspace, which stays from run to run: where that is, on the owner's machine.
inline constexpr std::string_view k_workspace_label = "in.jayporeci.workspace";

/// Kept containers of jobs that failed are removed when they are older.
inline constexpr auto k_kept_for = std::chrono::hours(24 * 7);

/// Removes what the run `run_id` made: its containers but those in `kept`, its networks and volumes, which kept containers keep. Several at once. What is gone
/// already counts as removed; of the rest the reasons are returned. `deaths`: of the run, where somebody has listened.
Awaitable<std::vector<std::string>> remove_run(Client& client, const std::string& run_id,
                                               const std::set<std::string>& kept,
                                               Deaths* deaths = nullptr);

/// Removes what earlier runs of `owner` left that were killed before they could: all of a run that is not alive and whose network is still
/// there; containers that were kept long enough, as of `now`; and copies of Workspaces that are gone or were not used for as long. An empty owner
/// selects nothing.
Awaitable<> sweep(Client& client, const std::string& owner,
                  const std::function<bool(const std::string& run_id)>& is_alive,
                  std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

}  // namespace jci::docker
