// SPDX-License-Identifier: MIT
#pragma once

#include "jci/version.hpp"

namespace jci::cli {

/// What `jci --version` prints.
inline constexpr const char* k_version = "jci " JCI_VERSION;

}  // namespace jci::cli

/// All of `jci` but its version: parses the arguments, runs the command, prints its error. Returns the exit code.
/// The one symbol that `libjci_cli.so` is loaded for.
extern "C" int jci_command_line(int argc, char** argv);
