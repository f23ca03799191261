#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes src/jci/util/unicode_widths.cpp from the Unicode data that Python carries.

python3 tools/unicode-widths.py > src/jci/util/unicode_widths.cpp
"""

import unicodedata
from collections.abc import Callable

LAST = 0x10FFFF
SOFT_HYPHEN = 0x00AD  # a format character that terminals show


def is_assigned(code: int) -> bool:
    return unicodedata.category(chr(code)) != "Cn"


def is_wide(code: int) -> bool:
    whole_planes_of_ideographs = 0x20000 <= code <= 0x2FFFD or 0x30000 <= code <= 0x3FFFD
    newer_emoji = 0x1FA70 <= code <= 0x1FAFF
    return whole_planes_of_ideographs or newer_emoji or (
        is_assigned(code) and unicodedata.east_asian_width(chr(code)) in "WF" and not is_zero(code)
    )


def is_zero(code: int) -> bool:
    joining_hangul = 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF
    category = unicodedata.category(chr(code))
    return joining_hangul or (category in ("Mn", "Me", "Cf") and code != SOFT_HYPHEN)


def ranges(holds: Callable[[int], bool]) -> list[tuple[int, int]]:
    """Maximal ranges; a gap of nothing but unassigned characters is closed, as later versions fill it alike."""
    found: list[tuple[int, int]] = []
    for code in range(0x80, LAST + 1):
        if 0xD800 <= code <= 0xDFFF or not holds(code):
            continue
        if found and not any(is_assigned(c) for c in range(found[-1][1] + 1, code)):
            found[-1] = (found[-1][0], code)
        else:
            found.append((code, code))
    return found


def table(name: str, of: list[tuple[int, int]]) -> str:
    cells = [f"{{0x{first:04X}, 0x{last:04X}}}," for first, last in of]
    rows = ["    " + " ".join(cells[i : i + 4]) for i in range(0, len(cells), 4)]
    return f"constexpr Range {name}[] = {{\n" + "\n".join(rows) + "\n};\n"


print(f"""\
// SPDX-License-Identifier: MIT
// Written by tools/unicode-widths.py from Unicode {unicodedata.unidata_version}; do not edit.
// clang-format off
#include "jci/util/unicode_widths.hpp"

#include <algorithm>
#include <iterator>

namespace jci {{
namespace {{

struct Range {{
  char32_t first;
  char32_t last;
}};

{table("k_wide", ranges(is_wide))}
{table("k_zero", ranges(is_zero))}
template <std::size_t N>
bool holds(const Range (&ranges)[N], char32_t code) {{
  const auto* after = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                       [](char32_t c, const Range& range) {{ return c < range.first; }});
  return after != std::begin(ranges) && code <= std::prev(after)->last;
}}

}}  // namespace

bool is_wide(char32_t code) {{ return holds(k_wide, code); }}
bool is_zero_width(char32_t code) {{ return holds(k_zero, code); }}

}}  // namespace jci""")
