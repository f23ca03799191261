// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <system_error>

namespace jci {

/// The first `max_bytes` bytes of the regular file `directory`/`relative`, where others may have written both the file and all
/// between: no link is followed, nothing outside of `directory` is reached, and nothing but a regular file is read (a fifo does
/// not block, a device is not touched). The error is the system's; `directory` itself may lie behind links.
std::expected<std::string, std::error_code> read_beneath(const std::filesystem::path& directory,
                                                         const std::filesystem::path& relative,
                                                         std::size_t max_bytes);

}  // namespace jci
