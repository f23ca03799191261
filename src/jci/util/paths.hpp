// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace jci {

// Where we keep things between runs, as the XDG Base Directory Specification 0.8 says: a variable that is
// unset, empty or relative does not count. Without HOME the password database knows the home.

/// `$XDG_STATE_HOME/jaypore`, else `~/.local/state/jaypore`: what cannot be made again. Touches nothing.
std::filesystem::path state_path();
/// `$XDG_CACHE_HOME/jaypore`, else `~/.cache/jaypore`: what can be made again. Touches nothing.
std::filesystem::path cache_path();

/// The same, made if missing (mode 0700) and writable. Throw TriggerFailed naming directory, reason and variable.
std::filesystem::path state_directory();
std::filesystem::path cache_directory();

}  // namespace jci
