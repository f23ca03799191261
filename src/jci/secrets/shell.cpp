// SPDX-License-Identifier: MIT
#include "jci/secrets/shell.hpp"

#include <fmt/format.h>

#include <string>

#include "jci/secrets/dotenv.hpp"
#include "jci/util/text.hpp"

namespace jci::secrets {

Wiped to_shell(std::span<const Variable> variables) {
  std::string text;
  for (const auto& [name, value] : variables) {
    if (!is_variable_name(name))
      throw Error(Problem::malformed,
                  fmt::format("`{}` is no name that a shell can export", sanitize_line(name)));
    text.append("export ").append(name).append("='");
    for (const char c : value.view()) {
      if (c == '\'') text += "'\\'";
      text += c;
    }
    text += "'\n";
  }
  return Wiped(std::move(text));
}

constinit const std::string_view k_edit_env_script = R"(#! /bin/sh
# Edits the secrets of an environment: bash secrets/bin/edit_env.sh ci
set -eu
cd "$(dirname "$0")/../.."
exec jci secrets edit "${1:-ci}"
)";

// The file is sourced: it leaves nothing but the variables, and fails without ending the shell. Only bash says where it lies.
constinit const std::string_view k_set_env_script =
    R"(# Exports the secrets of an environment, to be sourced: source secrets/bin/set_env.sh ci
# In a shell that hands no argument to what it sources: ENV=ci; . secrets/bin/set_env.sh
_jaypore_exports=$(
    [ -z "${BASH_SOURCE:-}" ] || cd "$(dirname "$BASH_SOURCE")/../.." || exit
    jci secrets env "${1:-${ENV:-ci}}"
) && eval "$_jaypore_exports" && unset _jaypore_exports
)";

}  // namespace jci::secrets
