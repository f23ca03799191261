// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "jci/secrets/secrets.hpp"

namespace jci::secrets {

/// The variables of a `.env` file as shells, Compose and the dotenv libraries agree to read it: `NAME=value` with `export` before it or not, space around
/// name and value; `'...'` as it is; `"..."` with `\n`, `\r`, `\t`, `\"`, `\\` and `\$`; both over several lines; without quotes up to ` #` or the
/// line's end. A `$` is one: nothing is put in its place. Throws Error: malformed, naming the line.
std::vector<Variable> parse_plain_dotenv(std::string_view text);

}  // namespace jci::secrets
