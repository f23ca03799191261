// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "jci/secrets/secrets.hpp"

namespace jci::secrets {

/// A line `export NAME='value'` each, which any POSIX shell can `eval`, whatever is in the values. Throws Error: malformed for a name that no shell can export.
Wiped to_shell(std::span<const Variable> variables);

/// The text of `secrets/bin/edit_env.sh`: edits the secrets of the environment that is its argument.
extern const std::string_view k_edit_env_script;

/// The text of `secrets/bin/set_env.sh`, which a shell sources: exports the variables of an environment.
extern const std::string_view k_set_env_script;

}  // namespace jci::secrets
