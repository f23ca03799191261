// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace jci::cli {

/// git tells its hooks by variables (`GIT_DIR`, `GIT_INDEX_FILE`, ...) which repository they are about; what we start would take that for its own.
/// Finds the repository's root, takes them out of the environment and goes to that root. Throws BadConfig outside of repositories.
std::filesystem::path leave_the_hooks_repository();

}  // namespace jci::cli
