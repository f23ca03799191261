// SPDX-License-Identifier: MIT
#include "jci/cli/git_variables.hpp"

#include <array>
#include <cstdlib>
#include <optional>

#include "jci/core/errors.hpp"
#include "jci/repos/git.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

// `git rev-parse --local-env-vars`, and what git 2.39 sets for hooks besides.
constexpr std::array k_variables = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
};

std::optional<fs::path> path_of(const char* variable) {
  const char* const value = std::getenv(variable);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return fs::absolute(value);
}

/// Where the repository is found as anybody would find it.
std::optional<fs::path> found_from_here() {
  try {
    return git_root(fs::current_path());
  } catch (const BadConfig&) {
    return std::nullopt;
  }
}

}  // namespace

fs::path leave_the_hooks_repository() {
  const auto git_directory = path_of("GIT_DIR");
  const fs::path work_tree = path_of("GIT_WORK_TREE").value_or(fs::current_path());
  for (const char* const variable : k_variables) ::unsetenv(variable);
  auto root = found_from_here();
  if (!root && git_directory) {
    ::setenv("GIT_DIR", git_directory->c_str(), 1);
    ::setenv("GIT_WORK_TREE", work_tree.c_str(), 1);
  }
  if (!root) root = git_root(fs::current_path());
  fs::current_path(*root);
  return *root;
}

}  // namespace jci::cli
