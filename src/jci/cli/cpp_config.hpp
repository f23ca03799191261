// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace jci::cli {

/// The program that the C++ config at `config`, a path relative to the working directory, is: compiles it with `$CXX` (else c++) as C++20 unless
/// one made from the same content is in the cache (the config, every file it includes, the compiler and our own header count).
/// Throws BadConfig if it does not compile; the compiler's messages are on stderr then.
std::filesystem::path cpp_program(const std::string& config);

}  // namespace jci::cli
