// SPDX-License-Identifier: MIT
#include "jci/executors/shell_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace jci {
namespace {

// Those of `git rev-parse --local-env-vars`, and what a hook of git-receive-pack gets.
constexpr std::array<std::string_view, 17> k_git_of_a_hook = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_QUARANTINE_PATH",
};

bool is_inherited(std::string_view name) {
  return !name.starts_with("JAYPORE_") && name != "_JCI" && name != "PWD" && name != "OLDPWD" &&
         std::ranges::find(k_git_of_a_hook, name) == k_git_of_a_hook.end();
}

void lay_over(Env& env, const Env& upper) {
  for (const auto& [name, value] : upper) env.insert_or_assign(name, value);
}

}  // namespace

Env shell_environment(const Env& inherited, const RunContext& context, const Job& job) {
  Env env;
  for (const auto& [name, value] : inherited)
    if (is_inherited(name)) env.emplace(name, value);
  env.insert_or_assign("CI", "true");
  lay_over(env, context.base_env.of(job));
  env.insert_or_assign("PWD", context.workspace.native());
  env.insert_or_assign("JAYPORE_RUN", context.workspace.native());
  env.insert_or_assign(std::string(k_job_marker),
                       fmt::format("{}.{}", context.info.pipe_id, job.id));
  return env;
}

}  // namespace jci
