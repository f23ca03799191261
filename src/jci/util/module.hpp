// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace jci {

/// The directory that holds the shared objects and helper programs of this installation
/// (`libjci_core.so`, `libjci_git.so`, `jci-supervise` ...): the one this very code was loaded
/// from. Absolute; found once.
const std::filesystem::path& package_directory();

/// The address of `symbol` in `module_file` (such as `libjci_git.so`) of `package_directory()`.
///
/// The module is loaded by the first call and stays for the life of the process. Safe from any
/// thread. Throws std::runtime_error naming the file and the loader's reason.
void* load_symbol(std::string_view module_file, const char* symbol);

}  // namespace jci
