// SPDX-License-Identifier: MIT
#pragma once

#include "jci/util/git_handles.hpp"
#include "jci/workspace/entry.hpp"

namespace jci::workspace {

/// Writes the slot's `index`: what `git status` in the Workspace compares with, made once for many runs. `root` is the Workspace.
void write_index(const std::string& slot_path, int root, const Entries& entries);

/// Makes the Workspace's `.git` anew: HEAD detached at `commit`, the refs of `repository`, its objects by reference, and the slot's index.
void write_git_dir(int slot, int root, git_repository* repository, const git_oid& commit);

}  // namespace jci::workspace
