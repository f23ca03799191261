// SPDX-License-Identifier: MIT
#pragma once

#include "jci/util/git_handles.hpp"
#include "jci/workspace/entry.hpp"

namespace jci::workspace {

/// The files of a tree. Throws TriggerFailed for a path that git itself would refuse to check out, git::Error for a damaged tree.
Entries list_tree(git_repository* repository, const git_oid& tree);

/// The files of the working tree: tracked ones as they are, and those neither tracked nor ignored. A file that equals what the
/// index has of it comes from the object database.
Entries list_working_tree(git_repository* repository);

}  // namespace jci::workspace
