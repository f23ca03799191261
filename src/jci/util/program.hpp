// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace jci {

/// A file that this process may execute.
bool is_program(const std::filesystem::path& path);

/// Where a shell would find the program `name`: in the first directory of PATH that has it.
std::optional<std::filesystem::path> find_on_path(const std::string& name);

}  // namespace jci
