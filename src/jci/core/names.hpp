// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace jci {

/// A job or stage name as it is used everywhere: each character outside `[A-Za-z0-9]` becomes one `-`
/// (a character, not a byte: "é" gives one dash; a byte that is not valid UTF-8 gives one dash).
std::string clean_name(std::string_view name);

/// The candidate nearest to `name` by edit distance (case-insensitive, transpositions count one), or nothing where none is near
/// enough to be what was meant (distance above a third of the longer length, at least 1 allowed).
std::optional<std::string_view> nearest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace jci
