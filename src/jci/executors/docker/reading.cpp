// SPDX-License-Identifier: MIT
#include "jci/executors/docker/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/util/text.hpp"

namespace jci::docker {
namespace {

constexpr double k_beyond_64_bits = 9223372036854775808.0;
constexpr std::string_view k_units = "bkmgt";

bool is_whole(double number) {
  return std::trunc(number) == number && std::abs(number) < k_beyond_64_bits;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// `start_period` and `StartPeriod` alike.
std::string folded(std::string_view name) {
  std::string folded;
  for (const char c : name)
    if (c != '_') folded += lower(c);
  return folded;
}

/// Nothing where `text` is no size.
std::optional<double> parse_size(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  std::string unit;
  std::ranges::transform(std::string_view(end, text.data() + text.size()), std::back_inserter(unit),
                         lower);
  if (unit.size() == 2 && unit[0] != 'b' && unit[1] == 'b') unit.pop_back();
  if (unit.empty()) return number;
  const auto power = k_units.find(unit[0]);
  if (unit.size() > 1 || power == std::string_view::npos) return std::nullopt;
  return std::ldexp(number, 10 * static_cast<int>(power));
}

}  // namespace

Reading::Reading(std::string_view job, std::string_view argument, const Value& value)
    : Reading(std::string(job), ticked(argument), &value) {}

Reading::Reading(std::string job, std::string name, const Value* value)
    : job_(std::move(job)), name_(std::move(name)), value_(value) {}

void Reading::reject(std::string_view why) const {
  throw BadConfig(fmt::format("job `{}`: {} {}", job_, name_, why));
}

void Reading::expect(std::string_view shape) const {
  reject(fmt::format("takes {}, not {}", shape, kind_of(*value_)));
}

const std::string& Reading::check_text(const std::string& text) const {
  if (text.contains('\0')) reject("has a NUL byte, which no container can be given");
  if (to_valid_utf8(text) != text) reject("has text that is not UTF-8, which engines cannot take");
  return text;
}

bool Reading::flag() const {
  if (const auto* flag = get_if<bool>()) return *flag;
  expect("a bool");
}

const std::string& Reading::text() const {
  if (const auto* text = get_if<std::string>()) return check_text(*text);
  expect("a str");
}

std::int64_t Reading::whole(std::int64_t least, std::int64_t most) const {
  const auto* number = get_if<std::int64_t>();
  const auto* floating = get_if<double>();
  if (number == nullptr && (floating == nullptr || !is_whole(*floating))) expect("an int");
  const std::int64_t whole = number != nullptr ? *number : static_cast<std::int64_t>(*floating);
  if (whole >= least && whole <= most) return whole;
  if (most == std::numeric_limits<std::int64_t>::max())
    reject(fmt::format("takes an int of at least {}, not {}", least, whole));
  reject(fmt::format("takes an int from {} to {}, not {}", least, most, whole));
}

std::int64_t Reading::bytes(std::int64_t least) const {
  std::int64_t bytes = 0;
  if (const auto* text = get_if<std::string>()) {
    const auto size = parse_size(*text);
    if (!size) reject(fmt::format("takes a size such as \"512m\" or \"1.5g\", not \"{}\"", *text));
    if (!(std::abs(*size) < k_beyond_64_bits)) reject("has a size beyond 64 bits");
    bytes = static_cast<std::int64_t>(*size);
  } else if (get_if<std::int64_t>() != nullptr || get_if<double>() != nullptr) {
    bytes = whole();
  } else {
    expect("a size as an int or a str such as \"512m\"");
  }
  if (bytes < least) reject(fmt::format("takes at least {} bytes, not {}", least, bytes));
  return bytes;
}

std::string Reading::scalar() const {
  if (get_if<std::string>() != nullptr) return text();
  if (const auto* number = get_if<std::int64_t>()) return std::to_string(*number);
  if (const auto* number = get_if<double>()) return float_text(*number);
  if (const auto* flag = get_if<bool>()) return *flag ? "True" : "False";
  expect("a str or a number");
}

std::vector<Reading> Reading::items(std::string_view shape) const {
  const auto* list = get_if<Value::List>();
  if (list == nullptr) expect(shape);
  std::vector<Reading> items;
  for (const Value& item : *list) items.push_back({job_, "an item of " + name_, &item});
  return items;
}

std::vector<std::pair<std::string, Reading>> Reading::entries(std::string_view shape) const {
  const auto* dict = get_if<Value::Dict>();
  if (dict == nullptr) expect(shape);
  std::vector<std::pair<std::string, Reading>> entries;
  for (const auto& [key, value] : *dict)
    if (!std::holds_alternative<std::monostate>(value.data))
      entries.emplace_back(check_text(key), Reading{job_, ticked(key) + " of " + name_, &value});
  return entries;
}

std::vector<std::string> Reading::bare_keys() const {
  std::vector<std::string> keys;
  if (const auto* dict = get_if<Value::Dict>())
    for (const auto& [key, value] : *dict)
      if (std::holds_alternative<std::monostate>(value.data)) keys.push_back(check_text(key));
  return keys;
}

std::vector<std::string> Reading::texts() const {
  std::vector<std::string> texts;
  for (const Reading& item : items("a list of str")) texts.push_back(item.text());
  return texts;
}

boost::json::value Reading::json() const {
  if (is_nothing()) return nullptr;
  if (const auto* flag = get_if<bool>()) return *flag;
  if (const auto* number = get_if<std::int64_t>()) return *number;
  if (get_if<std::string>() != nullptr) return boost::json::string(text());
  if (const auto* number = get_if<double>()) {
    if (!std::isfinite(*number)) reject("has a number that JSON cannot hold");
    return *number;
  }
  if (get_if<Value::List>() != nullptr) {
    boost::json::array list;
    for (const Reading& item : items()) list.push_back(item.json());
    return list;
  }
  boost::json::object dict;
  for (const auto& [key, value] : entries()) dict[key] = value.json();
  return dict;
}

Fields::Fields(const Reading& dict, std::initializer_list<std::string_view> known) : dict_(dict) {
  for (const auto& [key, value] : dict.entries()) {
    const auto* name = std::ranges::find(known, folded(key), folded);
    if (name == known.end()) {
      std::string hint = did_you_mean(key, known);
      if (hint.empty()) hint = fmt::format("; known are `{}`", fmt::join(known, "`, `"));
      dict.reject(fmt::format("has an unknown key `{}`{}", key, hint));
    }
    fields_.emplace_back(*name, value);
  }
}

const Reading* Fields::find(std::string_view name) const {
  const auto field = std::ranges::find(fields_, name, [](const auto& each) { return each.first; });
  return field == fields_.end() ? nullptr : &field->second;
}

const Reading& Fields::get(std::string_view name) const {
  if (const Reading* field = find(name)) return *field;
  dict_.reject(fmt::format("needs the key `{}`", name));
}

}  // namespace jci::docker
