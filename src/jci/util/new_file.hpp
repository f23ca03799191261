// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace jci {

/// Puts `text` into `file`, whole or not at all: whoever reads it meanwhile sees what was there before, or this. What is no regular
/// file (a pipe, /dev/stdout) is written to as it is. Throws TriggerFailed naming file and reason.
void write_new_file(const std::filesystem::path& file, std::string_view text);

}  // namespace jci
