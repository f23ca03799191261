// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "jci/util/git_handles.hpp"
#include "jci/workspace/entry.hpp"

namespace jci::workspace {

/// A number for all that decides how blobs become files besides the blobs themselves: the .gitattributes among `entries`, the user's and the repository's own
/// attributes, core.autocrlf and core.eol. 0 where none of them asks for anything, as in most repositories: files then are their blobs.
std::uint64_t filter_fingerprint(git_repository* repository, const Entries& entries);

}  // namespace jci::workspace
