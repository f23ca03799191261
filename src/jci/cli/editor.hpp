// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace jci::cli {

/// Lets the user edit `file`: by `$VISUAL`, else `$EDITOR`, which may have arguments, else `vi` or `nano`. Until it ends Ctrl-C is the editor's. Throws BadConfig
/// where there is none, TriggerFailed where it does not end well.
void run_editor(const std::filesystem::path& file);

}  // namespace jci::cli
