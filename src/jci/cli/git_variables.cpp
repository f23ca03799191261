// SPDX-License-Identifier: MIT
#include "jci/cli/git_variables.hpp"

#include <array>
#include <cstdlib>

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

}  // namespace

fs::path leave_the_hooks_repository() {
  const fs::path root = git_root(fs::current_path());
  for (const char* const variable : k_variables) ::unsetenv(variable);
  fs::current_path(root);
  return root;
}

}  // namespace jci::cli
