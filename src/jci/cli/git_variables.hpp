// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace jci::cli {

/// git tells its hooks by variables (`GIT_DIR`, `GIT_INDEX_FILE`, ...) which repository they are about; what we start would take that for its own.
/// Takes them out of the environment, goes to the repository's root and returns it. Where the repository is not found without `GIT_DIR`, as with one
/// whose work tree is a home directory, that and `GIT_WORK_TREE` stay, made absolute. Throws BadConfig outside of repositories.
std::filesystem::path leave_the_hooks_repository();

}  // namespace jci::cli
