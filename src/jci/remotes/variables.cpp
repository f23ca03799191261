// SPDX-License-Identifier: MIT
#include "jci/remotes/variables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "jci/core/errors.hpp"
#include "jci/util/text.hpp"

namespace jci {

Variables process_variables() {
  return [](const char* name) -> const char* { return std::getenv(name); };
}

std::string VariableReader::optional(const std::string& name, std::string otherwise) const {
  const char* set = variables_(name.c_str());
  std::string value(trim(set == nullptr ? "" : set));
  return value.empty() ? std::move(otherwise) : value;
}

std::string VariableReader::needed(const std::string& name) {
  std::string value = optional(name);
  if (value.empty()) missing_.push_back(fmt::format("`{}`", name));
  return value;
}

void VariableReader::expect_all(std::string_view purpose) const {
  if (!missing_.empty())
    throw BadConfig(
        fmt::format("{}, set {} in the environment", purpose, fmt::join(missing_, ", ")));
}

}  // namespace jci
