// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace jci::test {

/// The tags of a page or an XML document, with the names of attributes but not what they say. By hand: a std::regex needs a stack frame for
/// each character of what may be long.
inline std::string tags_of(std::string_view document) {
  std::string tags;
  bool inside = false;
  bool quoted = false;
  for (const char sign : document) {
    if (!inside && sign != '<') continue;
    inside = true;
    if (sign == '"') quoted = !quoted;
    if (!quoted || sign == '"') tags += sign;
    if (sign == '>' && !quoted) inside = false;
  }
  return tags;
}

}  // namespace jci::test
