// SPDX-License-Identifier: MIT
#include "jci/run/defaults.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/executors/docker/docker.hpp"
#include "jci/executors/mock.hpp"
#include "jci/executors/shell.hpp"
#include "jci/remotes/git.hpp"
#include "jci/repos/git.hpp"

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

// What of JAYPORE_* no job gets: ours alone, and the passwords of remotes. Jobs run the code of whoever made the commit, and their logs are kept; a job that
// does need to mail is given a password by a variable of its own.
constexpr std::array<std::string_view, 3> k_for_us{"RUN", "PYTHON", "EMAIL_PASSWORD"};
constexpr std::string_view k_prefix = "JAYPORE_";

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
  Repo::Facts commit = options.commit;
  if (commit.root.empty()) return open_git_repo(std::filesystem::current_path());
  if (options.message_left_out)
    commit.commit_message = open_git_repo(commit.root, commit.sha)->commit_message();
  return known_git_repo(std::move(commit));
}

std::vector<std::shared_ptr<Remote>> default_remotes(const Repo& repo) {
  if (repo.root().empty()) return {};
  return {make_git_remote(repo.root(), repo.sha())};
}

Env base_environment(const char* const* environment) {
  Env env;
  for (; *environment != nullptr; ++environment) {
    std::string_view entry = *environment;
    const std::size_t equals = entry.find('=');
    if (!entry.starts_with(k_prefix) || equals == std::string_view::npos ||
        equals == k_prefix.size())
      continue;
    const std::string_view name = entry.substr(k_prefix.size(), equals - k_prefix.size());
    if (std::ranges::find(k_for_us, name) == k_for_us.end())
      env.emplace(name, entry.substr(equals + 1));
  }
  return env;
}

}  // namespace jci::run
