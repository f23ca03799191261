// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace jci::docker {

/// Reads a time as engines write it: RFC 3339 in UTC, with up to nine digits of fraction, "2026-11-28T19:21:24.123456789Z". Nothing for any
/// other text, and for the year 1, by which engines say "never".
std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> read_timestamp(
    std::string_view text);

/// The time between two of them; nothing where one is missing, or they are out of order.
std::optional<std::chrono::nanoseconds> between(std::string_view begin, std::string_view end);

}  // namespace jci::docker
