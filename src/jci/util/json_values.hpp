// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace jci {

// Values as all our JSON writes them: `null` for what is not known, bytes that are not UTF-8 as U+FFFD.

boost::json::value text_or_null(std::string_view text);

/// RFC 3339, in UTC, with milliseconds: "2026-11-28T12:03:04.000Z".
boost::json::value timestamp(std::chrono::system_clock::time_point at);
boost::json::value timestamp(const std::optional<std::chrono::system_clock::time_point>& at);

/// Whole ones, rounded down.
boost::json::value milliseconds(std::chrono::nanoseconds duration);
boost::json::value milliseconds(const std::optional<std::chrono::nanoseconds>& duration);

}  // namespace jci
