// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace jci::docker {

/// Reads a time as engines write it: RFC 3339, with a fraction or without, "2026-11-28T19:21:24.123456789Z"; podman's with the offset of its
/// zone, "2026-11-28T20:21:24.1+01:00". Nothing for any other text, and for the year 1, by which engines say "never"; nor for what
/// nanoseconds do not reach: years before 1970 and after 2261.
std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> read_timestamp(
    std::string_view text);

/// The time between two of them; nothing where one is missing, or they are out of order.
std::optional<std::chrono::nanoseconds> between(std::string_view begin, std::string_view end);

}  // namespace jci::docker
