// SPDX-License-Identifier: MIT
#include "jci/run/defaults.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/executors/docker/docker.hpp"
#include "jci/executors/mock.hpp"
#include "jci/executors/shell.hpp"
#include "jci/remotes/git.hpp"
#include "jci/remotes/gitea.hpp"
#include "jci/remotes/github.hpp"
#include "jci/repos/git.hpp"
#include "jci/repos/remote_url.hpp"

namespace jci::run {
namespace {

struct Known {
  std::string_view name;
  std::shared_ptr<Executor> (*make)();
};

// Every executor there is, in one place. The first one is the default.
constexpr std::array<Known, 3> k_executors{{
    {"docker", [] { return std::shared_ptr<Executor>(make_docker_executor()); }},
    {"shell", [] { return std::shared_ptr<Executor>(make_shell_executor()); }},
    {"mock", [] -> std::shared_ptr<Executor> { return std::make_shared<MockExecutor>(); }},
}};

bool is_set(const Variables& variables, const char* name) {
  return !VariableReader(variables).optional(name).empty();
}

/// Null where the repository's remote is nowhere that pull requests are.
std::shared_ptr<Remote> default_forge(const Repo& repo, const Variables& variables) {
  const auto url = parse_remote_url(repo.remote());
  if (!url || url->host.empty() || url->owner.empty()) return nullptr;
  const bool at_github = url->host == "github.com";
  if (is_set(variables, "JAYPORE_GITEA_TOKEN") &&
      (!at_github || is_set(variables, "JAYPORE_GITEA_ROOT")))
    return make_gitea_remote(gitea_settings_from_env(variables, repo));
  if (is_set(variables, "JAYPORE_GITHUB_TOKEN") &&
      (at_github || is_set(variables, "JAYPORE_GITHUB_API")))
    return make_github_remote(github_settings_from_env(variables, repo));
  return nullptr;
}

}  // namespace

std::vector<std::string> executor_names() {
  std::vector<std::string> names;
  for (const Known& known : k_executors) names.emplace_back(known.name);
  std::ranges::sort(names);
  return names;
}

std::shared_ptr<Executor> executor_by_name(std::string_view name) {
  if (name.empty()) return k_executors.front().make();
  for (const Known& known : k_executors)
    if (known.name == name) return known.make();
  throw BadConfig(fmt::format("no executor is called `{}`; there are {}", name,
                              fmt::join(executor_names(), ", ")));
}

std::shared_ptr<Repo> default_repo(const Options& options) {
  if (options.commit.root.empty()) return open_git_repo(std::filesystem::current_path());
  return known_git_repo(options.commit);
}

std::vector<std::shared_ptr<Remote>> default_remotes(const Repo& repo, const Variables& variables) {
  if (auto forge = default_forge(repo, variables)) return {std::move(forge)};
  if (repo.root().empty()) return {};
  return {make_git_remote(repo.root(), repo.sha())};
}

}  // namespace jci::run
