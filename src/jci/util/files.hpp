// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace jci {

/// All that is in `file`; empty where that cannot be read, or is not there.
std::string contents_of(const std::filesystem::path& file);

/// The files in `directory` whose names end in `extension` (".log"), by name; none where it is not there.
std::vector<std::filesystem::path> files_with(const std::filesystem::path& directory,
                                              std::string_view extension);

}  // namespace jci
