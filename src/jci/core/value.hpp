// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace jci {

/// A configuration argument before its meaning is known: what Python, C++ and JSON have in common.
struct Value {
  using List = std::vector<Value>;
  using Dict = std::map<std::string, Value>;

  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Dict> data;

  bool operator==(const Value&) const = default;
};

/// "nothing", "a bool", "an int", "a float", "a str", "a list", "a dict": for error messages.
std::string_view kind_of(const Value& value);

/// A float as Python's `str` writes it, so that a result does not depend on the config's language.
std::string float_text(double number);

/// Keyword arguments in the order they were given.
using Arguments = std::vector<std::pair<std::string, Value>>;

}  // namespace jci
