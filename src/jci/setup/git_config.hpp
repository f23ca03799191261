// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace jci::setup {

/// Writes to the repository's own configuration, by the program `git`. Both throw TriggerFailed.
void set_git_config(const std::filesystem::path& root, const std::string& name,
                    const std::string& value);
void unset_git_config(const std::filesystem::path& root, const std::string& name);

/// Where git has, for the repository at `root`, what in `.git` is at `path`: "hooks/pre-push". Absolute. Throws TriggerFailed.
std::filesystem::path git_path(const std::filesystem::path& root, const std::string& path);

/// The directory that all worktrees of the repository share. Absolute. Throws TriggerFailed.
std::filesystem::path git_common_directory(const std::filesystem::path& root);

}  // namespace jci::setup
