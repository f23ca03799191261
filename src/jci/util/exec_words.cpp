// SPDX-License-Identifier: MIT
#include "jci/util/exec_words.hpp"

#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace jci {

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::string>& variables) {
  std::vector<std::string> all = variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view ours = *variable;
    const auto name = ours.substr(0, ours.find('=') + 1);
    if (std::ranges::none_of(variables, [&](const auto& set) { return set.starts_with(name); }))
      all.emplace_back(ours);
  }
  return all;
}

}  // namespace jci
