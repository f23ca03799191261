// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jci/core/remote.hpp"

namespace jci {

/// Keeps reports in the repository itself, under `refs/jayporeci/<sha>`: a commit with one file, `report.txt`, whose parent is the report before it. Show
/// one with `git show refs/jayporeci/<sha>:report.txt`; remotes/exchange.hpp shares them.
///
/// A report that says the same as the last one adds no commit. Several runs may publish for the same commit at once, nothing is lost.
/// Commits bear the identity of git's configuration, else "Jaypore CI". Works in bare repositories and linked worktrees.
/// `publish` throws RemoteApiFailed naming the ref and the repository. It has no address: what this disk does not take now, no other
/// process need try again, and a run need not write its report twice.
std::shared_ptr<Remote> make_git_remote(const std::filesystem::path& repository,
                                        const std::string& sha);

/// Whether a text can be a commit's id: 40 hexadecimal digits, as git writes them.
bool is_commit_id(std::string_view text);

/// The newest report of `sha`, stored here or fetched from a remote; nothing if there is none. Throws RemoteApiFailed where it cannot be read.
std::optional<std::string> read_report(const std::filesystem::path& repository,
                                       const std::string& sha);

}  // namespace jci
