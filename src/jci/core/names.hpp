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

/// The candidate nearest to `name` by edit distance (case-insensitive, transpositions count one; of equals the first), or nothing
/// where none is near enough to be what was meant: distance above a third of the longer length (1 is always allowed), or
/// nothing in common.
std::optional<std::string_view> nearest(std::string_view name,
                                        std::span<const std::string_view> candidates);

/// "; did you mean `build`?" for the end of a message, or "" where no candidate is near.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

/// `name` in backticks, as all messages show names.
std::string ticked(std::string_view name);

}  // namespace jci
