// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace jci {

/// Makes `file` hold `bytes`, or, whatever happens, what it held before: written beside it, brought to the disk, then renamed.
/// `mode`: of the file, where it is new as well as where it is not. Throws std::system_error naming the file.
void write_atomically(const std::filesystem::path& file, std::string_view bytes,
                      unsigned mode = 0644);

}  // namespace jci
