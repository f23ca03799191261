// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jci {

// Text as services take it, and count it.

/// Code points.
std::size_t characters(std::string_view text);
/// As Telegram counts.
std::size_t utf16_units(std::string_view text);

/// `text` where it is at most `most` long as `measure` counts, else whole lines from its beginning and one that says how many are left out. The latter takes
/// some 40 of `most`.
std::string first_lines(std::string_view text, std::size_t most,
                        std::size_t (*measure)(std::string_view));

/// With entities for `&`, `<` and `>`.
std::string html_escaped(std::string text);

/// In place.
void replace_all(std::string& text, std::string_view what, std::string_view with);

}  // namespace jci
