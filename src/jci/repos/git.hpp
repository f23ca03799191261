// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jci/core/repo.hpp"

namespace jci {

/// The commit that `revision` names in the repository that `git -C start` would use: found upwards from `start`, bare ones
/// and linked worktrees too; `$GIT_DIR` wins.
///
/// Branch: HEAD's; where HEAD is detached, one whose tip is the commit (local ones first, then remote-tracking ones without
/// the remote's name, each in order of name). For another revision the branch it names, else one whose tip it is.
/// Remote: of `origin`, else of the first remote by name; see RemoteUrl for what is cut.
///
/// Its `files_changed` gives what `git diff --name-only --no-renames $(git merge-base target sha) sha` prints; histories
/// without a common commit differ in every file of the commit.
///
/// Throws BadConfig: not a git repository, one of another user, no commit yet, unknown revision.
std::shared_ptr<Repo> open_git_repo(const std::filesystem::path& start,
                                    const std::string& revision = "HEAD");

/// The same where its facts have been read before: reads nothing until it is asked for `files_changed`.
std::shared_ptr<Repo> known_git_repo(Repo::Facts facts);

/// The working tree holds something else than `repo`'s commit: tracked files that differ, staged changes, or files that are
/// neither tracked nor ignored. False for a bare repository. Stops at the first difference.
bool working_tree_differs(const Repo& repo);

/// The branch that work is merged into: where `origin/HEAD` points, else `main` or `master`, of this repository or of origin. Empty
/// where there is none of them.
std::string target_branch(const Repo& repo);

/// The ids (hex digits) of what expressions of gitrevisions(7) name in the repository at `root`, such as `SHA^{tree}` or `SHA:cicd/cicd.py`;
/// nothing where there is no such thing. Throws BadConfig where there is no repository.
std::vector<std::optional<std::string>> git_object_ids(const std::filesystem::path& root,
                                                       const std::vector<std::string>& expressions);

/// The working tree around `start`, or the git directory of a bare repository; `$GIT_DIR` wins. Needs no commit. Throws BadConfig outside of
/// repositories.
std::filesystem::path git_root(const std::filesystem::path& start);

/// The value of a setting, such as `jaypore.push`, as `git -C start config` would tell. Throws BadConfig outside of repositories.
std::optional<std::string> git_setting(const std::filesystem::path& start, const std::string& name);

}  // namespace jci
