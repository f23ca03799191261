// SPDX-License-Identifier: MIT
#include "jci/executors/docker/timestamp.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace jci::docker {
namespace {

// What 64 bits of nanoseconds since 1970 reach.
constexpr int k_first_year = 1970;
constexpr int k_last_year = 2261;
constexpr int k_leap_second = 60;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The number that `text` begins with, of exactly `count` digits and at most `most`; cut off from it.
std::optional<int> take_number(std::string_view& text, std::size_t count, int most) {
  if (text.size() < count || !std::ranges::all_of(text.substr(0, count), is_digit))
    return std::nullopt;
  int number = 0;
  std::from_chars(text.data(), text.data() + count, number);
  text.remove_prefix(count);
  return number <= most ? std::optional(number) : std::nullopt;
}

bool take_sign(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& text) {
  constexpr std::size_t most = 9;
  if (!take_sign(text, '.')) return std::chrono::nanoseconds(0);
  std::int64_t nanoseconds = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits)
    if (digits < most) nanoseconds = nanoseconds * 10 + (text[digits] - '0');
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  for (; digits < most; ++digits) nanoseconds *= 10;
  return std::chrono::nanoseconds(nanoseconds);
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  using namespace std::chrono;
  const auto y = take_number(text, 4, k_last_year);
  if (!y || *y < k_first_year || !take_sign(text, '-')) return std::nullopt;
  const auto m = take_number(text, 2, 12);
  if (!m || !take_sign(text, '-')) return std::nullopt;
  const auto d = take_number(text, 2, 31);
  if (!d) return std::nullopt;
  const year_month_day date(year(*y), month(static_cast<unsigned>(*m)),
                            day(static_cast<unsigned>(*d)));
  return date.ok() ? std::optional(sys_days(date)) : std::nullopt;
}

/// "19:21"
std::optional<std::chrono::minutes> take_hour_and_minute(std::string_view& text) {
  const auto hour = take_number(text, 2, 23);
  if (!hour || !take_sign(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2, 59);
  if (!minute) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

/// How far the clock that was read is ahead of UTC.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take_sign(text, 'Z')) return std::chrono::minutes(0);
  const bool ahead = take_sign(text, '+');
  if (!ahead && !take_sign(text, '-')) return std::nullopt;
  const auto offset = take_hour_and_minute(text);
  if (!offset) return std::nullopt;
  return ahead ? *offset : -*offset;
}

}  // namespace

std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> read_timestamp(
    std::string_view text) {
  const auto date = take_date(text);
  if (!date || !take_sign(text, 'T')) return std::nullopt;
  const auto time = take_hour_and_minute(text);
  if (!time || !take_sign(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2, k_leap_second);
  if (!second) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *date + *time - *offset + std::chrono::seconds(*second) + *fraction;
}

std::optional<std::chrono::nanoseconds> between(std::string_view begin, std::string_view end) {
  const auto first = read_timestamp(begin);
  const auto last = read_timestamp(end);
  if (!first || !last || *last < *first) return std::nullopt;
  return *last - *first;
}

}  // namespace jci::docker
