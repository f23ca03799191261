// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string>

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

}  // namespace jci
