// SPDX-License-Identifier: MIT
#include "jci/executors/shell_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

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

std::string line_of(std::string_view name, std::string_view value) {
  std::string line;
  line.reserve(name.size() + value.size() + 2);
  return line.append(name).append(1, '=').append(value).append(1, '\0');
}

void append(VariableBlock& block, std::string_view line) {
  block.text += line;
  ++block.count;
}

}  // namespace

ShellEnvironment::ShellEnvironment(Env inherited, const RunContext& context)
    : context_(&context), inherited_(std::move(inherited)) {
  std::erase_if(inherited_, [](const auto& variable) { return !is_inherited(variable.first); });
  inherited_.insert_or_assign("CI", "true");
  fixed_ = {{"PWD", context.workspace.native()}, {"JAYPORE_RUN", context.workspace.native()}};
  common_ = with(context.base_env.variables);
}

std::vector<ShellEnvironment::Variable> ShellEnvironment::with(const Env& of_run) const {
  Env all = of_run;
  all.insert(inherited_.begin(), inherited_.end());
  std::vector<Variable> variables;
  for (const auto& [name, value] : all)
    if (!fixed_.contains(name) && name != k_job_marker)
      variables.push_back({name, line_of(name, value)});
  return variables;
}

VariableBlock ShellEnvironment::of(const Job& job) const {
  const bool gets_all = !job.settings->secrets;
  const std::vector<Variable> fewer =
      gets_all ? std::vector<Variable>() : with(context_->base_env.shown_to(job));
  const Env& own = job.env();
  VariableBlock block;
  for (const Variable& variable : gets_all ? common_ : fewer)
    if (!own.contains(variable.name)) append(block, variable.line);
  for (const auto& [name, value] : own)
    if (!fixed_.contains(name) && name != k_job_marker) append(block, line_of(name, value));
  for (const auto& [name, value] : fixed_) append(block, line_of(name, value));
  append(block, line_of(k_job_marker, fmt::format("{}.{}", context_->info.pipe_id, job.id)));
  return block;
}

}  // namespace jci
