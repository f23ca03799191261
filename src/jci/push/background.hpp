// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>

namespace jci::push {

/// Does `work` in a process of its own, which outlives this one and its terminal: no standard input, what it prints goes to `log` (made new), whose
/// lock (flock) it and whoever it starts hold to their end. Returns
/// at once; nobody waits for the other process, and it holds nothing of ours open. Throws std::system_error where the log cannot be made or no
/// process be started. Not to be called where other threads run.
void in_background(const std::filesystem::path& log, const std::function<int()>& work);

}  // namespace jci::push
