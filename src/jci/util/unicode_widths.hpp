// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace jci {

/// Takes two columns of a terminal (East Asian Width W or F).
bool is_wide(char32_t code);
/// Takes none: combining marks, joiners, variation selectors, Hangul vowels and finals.
bool is_zero_width(char32_t code);

}  // namespace jci
