// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jci {

/// Gives the value of an environment variable; null for one that is not set.
using Variables = std::function<const char*(const char*)>;

/// Those of this process.
Variables process_variables();

/// Reads what a remote is told by the environment. An empty variable counts as not set; space around a value does not count.
class VariableReader {
 public:
  explicit VariableReader(const Variables& variables) : variables_(variables) {}

  std::string optional(const std::string& name, std::string otherwise = {}) const;
  /// Empty where it is missing, which `expect_all` will name.
  std::string needed(const std::string& name);
  /// Throws BadConfig naming every variable that was needed and is missing. `purpose`: "to publish to GitHub".
  void expect_all(std::string_view purpose) const;

 private:
  const Variables& variables_;
  std::vector<std::string> missing_;
};

}  // namespace jci
