// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jci/secrets/wiped.hpp"

namespace jci::secrets {

// Dotenv texts as SOPS reads and writes them (its stores/dotenv, 3.8 to 3.13): `KEY=value`, all behind the first `=` as it is, quotes and spaces too, but
// for a newline of the value, which is written `\n`; lines that begin with `#`; empty lines, which are dropped. So `\n` in a text always is a newline.

struct DotenvLine {
  enum class Kind { variable, comment };

  Kind kind = Kind::variable;
  std::string name;  ///< empty for a comment
  Wiped value;       ///< of a comment: what follows the `#`

  bool operator==(const DotenvLine&) const = default;
};

/// Throws Error: malformed, naming the line, for one that has no `=`; conflict.
std::vector<DotenvLine> parse_dotenv(std::string_view text);

Wiped to_dotenv(std::span<const DotenvLine> lines);

/// The line without its end.
Wiped to_dotenv(const DotenvLine& line);

/// Whether a shell can export a variable of that name: `[A-Za-z_][A-Za-z0-9_]*`.
bool is_variable_name(std::string_view name);

}  // namespace jci::secrets
