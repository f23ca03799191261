// SPDX-License-Identifier: MIT
#include "jci/core/value.hpp"

#include <array>

namespace jci {

std::string_view kind_of(const Value& value) {
  constexpr std::array<std::string_view, 7> k_kinds = {"nothing", "a bool", "an int", "a float",
                                                       "a str",   "a list", "a dict"};
  static_assert(k_kinds.size() == std::variant_size_v<decltype(Value::data)>);
  return k_kinds[value.data.index()];
}

}  // namespace jci
