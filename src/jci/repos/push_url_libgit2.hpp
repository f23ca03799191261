// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/util/git_handles.hpp"

namespace jci {

/// The first url that `git push` would use: of `origin`, else of the first remote by name; rewritten by `url.<base>.insteadOf` and
/// `pushInsteadOf` as git-config(1) tells. Empty where there is no remote.
///
/// Read from the configuration here, for libgit2 1.5 loses 20 KiB of memory at each setting that its own search passes over.
std::string push_url(git_repository* repository);

}  // namespace jci
