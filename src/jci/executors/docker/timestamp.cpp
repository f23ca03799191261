// SPDX-License-Identifier: MIT
#include "jci/executors/docker/timestamp.hpp"

#include <charconv>
#include <cstdint>

namespace jci::docker {
namespace {

// What nanoseconds since 1970 in 64 bits can tell.
constexpr unsigned k_first_year = 1970;
constexpr unsigned k_last_year = 2261;

/// The number that `digits` begins with, of exactly `count` digits; cut off from it.
std::optional<unsigned> take_number(std::string_view& digits, std::size_t count) {
  if (digits.size() < count) return std::nullopt;
  unsigned number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + count, number);
  if (error != std::errc() || end != digits.data() + count) return std::nullopt;
  digits.remove_prefix(count);
  return number;
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
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits)
    if (digits < most) nanoseconds = nanoseconds * 10 + (text[digits] - '0');
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  for (; digits < most; ++digits) nanoseconds *= 10;
  return std::chrono::nanoseconds(nanoseconds);
}

}  // namespace

std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> read_timestamp(
    std::string_view text) {
  using namespace std::chrono;
  const auto y = take_number(text, 4);
  if (!y || *y < k_first_year || *y > k_last_year || !take_sign(text, '-')) return std::nullopt;
  const auto m = take_number(text, 2);
  if (!m || !take_sign(text, '-')) return std::nullopt;
  const auto d = take_number(text, 2);
  if (!d || !take_sign(text, 'T')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take_sign(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take_sign(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  const auto fraction = take_fraction(text);
  if (!second || !fraction || text != "Z") return std::nullopt;
  const year_month_day date(year(static_cast<int>(*y)), month(*m), day(*d));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second) + *fraction;
}

std::optional<std::chrono::nanoseconds> between(std::string_view begin, std::string_view end) {
  const auto first = read_timestamp(begin);
  const auto last = read_timestamp(end);
  if (!first || !last || *last < *first) return std::nullopt;
  return *last - *first;
}

}  // namespace jci::docker
