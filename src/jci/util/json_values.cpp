// SPDX-License-Identifier: MIT
#include "jci/util/json_values.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "jci/util/text.hpp"

namespace jci {

namespace json = boost::json;

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(to_valid_utf8(text));
}

json::value timestamp(std::chrono::system_clock::time_point at) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
  const auto seconds = fmt::gmtime(std::chrono::system_clock::to_time_t(at));
  return json::value(fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", seconds, ms % 1000));
}

json::value timestamp(const std::optional<std::chrono::system_clock::time_point>& at) {
  return at ? timestamp(*at) : json::value(nullptr);
}

json::value milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::floor<std::chrono::milliseconds>(duration).count();
}

json::value milliseconds(const std::optional<std::chrono::nanoseconds>& duration) {
  return duration ? milliseconds(*duration) : json::value(nullptr);
}

}  // namespace jci
