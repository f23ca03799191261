// SPDX-License-Identifier: MIT
#include "jci/cli/secret_variables.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "jci/core/errors.hpp"
#include "jci/run/secrets.hpp"
#include "jci/util/text.hpp"

namespace jci::cli {
namespace {

std::string variable_or(const char* name, const char* otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

void set(const std::string& name, const char* value) {
  if (::setenv(name.c_str(), value, 1) == 0) return;
  if (errno != EINVAL) throw std::system_error(errno, std::generic_category(), "setenv");
  throw BadConfig(fmt::format("`{}` is no name for a variable; rename it by `jci secrets edit`",
                              sanitize_line(name)));
}

}  // namespace

void put_into_environment(std::span<const secrets::Variable> variables) {
  std::string names = variable_or(run::k_secret_names_variable, "");
  for (const auto& [name, value] : variables) {
    set(name, value.text().c_str());
    names += (names.empty() ? "" : ",") + name;
  }
  if (!variables.empty()) set(run::k_secret_names_variable, names.c_str());
}

void use_secret_variables(const std::filesystem::path& root) {
  const std::string name = variable_or("ENV", "ci");
  if (secrets::has_environment(root, name)) put_into_environment(secrets::variables_of(root, name));
}

}  // namespace jci::cli
