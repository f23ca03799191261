// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace jci::cli {

/// The command line that runs the C++ config at `config`: compiles it with `$CXX` (else c++) as C++20 unless a program made from the
/// same content is in the cache (the config, every file it includes, the compiler and our own header count).
/// Throws BadConfig if it does not compile; the compiler's messages are on stderr then.
std::vector<std::string> cpp_command(const std::string& config);

}  // namespace jci::cli
