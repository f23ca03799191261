// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace jci {

/// Makes `file` hold `bytes`, or, whatever happens, what it held before: written beside it, brought to the disk, then renamed.
/// `mode`, less the umask, is the file's from then on. Throws std::system_error naming the file.
void write_atomically(const std::filesystem::path& file, std::string_view bytes,
                      unsigned mode = 0666);

}  // namespace jci
