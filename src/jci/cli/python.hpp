// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace jci::cli {

/// The command line that runs a Python config, which is told by run/handover.hpp.
///
/// The interpreter: `$JAYPORE_PYTHON`; else `python3` of the active virtual environment, else of PATH, where our extension fits
/// its version; else the one that we were built for. Throws BadConfig if that is missing.
std::vector<std::string> python_command();

}  // namespace jci::cli
