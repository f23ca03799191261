// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jci/setup/change.hpp"

namespace jci::setup {

/// How git comes to call us, in a repository that may have hooks of its own, or a tool that manages them.
struct HookPlace {
  std::vector<Change> changes;  ///< in order; none where the hook calls us already
  std::string by_hand;          ///< what only the user can do; empty where `changes` do all
};

/// Respects `core.hooksPath`, worktrees, husky, lefthook and pre-commit. Throws TriggerFailed.
HookPlace hook_place(const std::filesystem::path& root);

/// Whether a push calls us as things stand.
bool hook_calls_us(const std::filesystem::path& root);

}  // namespace jci::setup
