// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace jci::cli {

/// The command line that runs the Python config at `config` (a path relative to the working directory).
///
/// The interpreter: `$JAYPORE_PYTHON`; else `python3` of the active virtual environment, else of PATH, where our extension fits
/// its version; else the one that we were built for. Throws BadConfig if that is missing.
std::vector<std::string> python_command(const std::string& config);

}  // namespace jci::cli
