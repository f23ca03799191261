// SPDX-License-Identifier: MIT
#include "jci/core/value.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace jci {

std::string_view kind_of(const Value& value) {
  constexpr std::array<std::string_view, 7> k_kinds = {"nothing", "a bool", "an int", "a float",
                                                       "a str",   "a list", "a dict"};
  static_assert(k_kinds.size() == std::variant_size_v<decltype(Value::data)>);
  return k_kinds[value.data.index()];
}

std::string float_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  const double size = std::abs(number);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  std::array<char, 64> text{};
  const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, form).ptr;
  std::string shown(text.data(), end);
  if (plain && shown.find('.') == std::string::npos) shown += ".0";
  return shown;
}

}  // namespace jci
