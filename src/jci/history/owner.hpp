// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace jci::history {

/// A name for the history in `state_directory` that no other machine's or user's has: 16 hex digits. What a run leaves elsewhere, such as
/// containers on an engine that many share, is labelled with it, so that only who can tell whether the run goes on sweeps it up.
std::string owner_name(const std::filesystem::path& state_directory);

}  // namespace jci::history
