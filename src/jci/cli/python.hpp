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

/// Whether some of its own paths are relative: it has to be started in the Workspace then, whose directories they mean.
bool python_depends_on_directory();

}  // namespace jci::cli
