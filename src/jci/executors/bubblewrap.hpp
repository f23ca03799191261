// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace jci {

/// A command that runs the command appended to it where `workspace` is at /jaypore_ci/run too, and all else is where it was. Leaves nothing
/// on the machine. Whether bubblewrap is installed, and allowed here, is only known by running it.
std::vector<std::string> bubblewrap_command(const std::filesystem::path& workspace);

}  // namespace jci
