// SPDX-License-Identifier: MIT
#include "jci/secrets/secrets.hpp"

#include <algorithm>
#include <cstdlib>

#include "jci/secrets/environment.hpp"

namespace jci::secrets {
namespace {

namespace fs = std::filesystem;

void put(std::vector<Variable>& all, const DotenvLine& line) {
  const auto before = std::ranges::find(all, line.name, &Variable::name);
  if (before == all.end()) {
    all.push_back({line.name, line.value});
  } else {
    before->value = line.value;
  }
}

}  // namespace

std::vector<Variable> variables_of(const SopsDocument& document) {
  std::vector<Variable> all;
  for (const DotenvLine& line : document.lines())
    if (line.kind == DotenvLine::Kind::variable) put(all, line);
  return all;
}

std::vector<Variable> variables_of(const fs::path& root, std::string_view name,
                                   const Lookup& lookup) {
  return variables_of(Environment(root, name, lookup).open());
}

std::vector<Variable> variables_of(const fs::path& root, std::string_view name) {
  return variables_of(root, name, [](const char* variable) { return std::getenv(variable); });
}

bool has_environment(const fs::path& root, std::string_view name) {
  return Environment(root, name, [](const char*) { return nullptr; }).exists();
}

}  // namespace jci::secrets
