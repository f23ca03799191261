// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

#include "jci/core/errors.hpp"
#include "jci/secrets/wiped.hpp"

namespace jci::secrets {

/// Nothing that people keep in such files is larger.
inline constexpr std::size_t k_largest_file = std::size_t{16} << 20;

/// All that is in a file. Throws TriggerFailed, also where it is larger than `k_largest_file`.
Wiped read_whole_file(const std::filesystem::path& file);

/// All that comes until the end. Throws as above, naming `what`.
Wiped read_whole(int fd, const std::filesystem::path& what);

/// "cannot DO `file`: reason".
TriggerFailed cannot(std::string_view act, const std::filesystem::path& file, int error);

}  // namespace jci::secrets
