// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "jci/cli/config_flags.hpp"
#include "jci/cli/cpp_config.hpp"
#include "jci/cli/python.hpp"
#include "jci/core/config_files.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/core/repo.hpp"
#include "jci/repos/git.hpp"
#include "jci/repos/remote_url.hpp"
#include "jci/run/ahead.hpp"
#include "jci/run/handover.hpp"
#include "jci/run/options.hpp"
#include "jci/util/paths.hpp"
#include "jci/util/subprocess.hpp"
#include "jci/workspace/workspace.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

// Relative to the repository: a path from where the user stands if there is such a file, else one from the root.
std::string relative_to_root(const std::string& given, const fs::path& repository) {
  const fs::path root = fs::weakly_canonical(repository);
  const fs::path meant = fs::exists(given) ? fs::absolute(given) : root / given;
  const fs::path relative = fs::weakly_canonical(meant).lexically_relative(root);
  if (!relative.empty() && *relative.begin() != "..") return relative;
  throw BadConfig(fmt::format(
      "the config `{}` lies outside of the repository `{}`; it has to be one of its files", given,
      root.string()));
}

std::string what_is_built(const ConfigFlags& flags, const Repo& repo) {
  return flags.dirty ? "the working tree" : fmt::format("commit {}", repo.sha().substr(0, 10));
}

// Why the config may be missing, as the end of a message.
std::string hint(const ConfigFlags& flags, const Repo& repo, const std::string& config) {
  const bool is_in_tree = fs::is_regular_file(fs::path(repo.root()) / config);
  return is_in_tree && !flags.dirty ? "; commit it, or build the working tree with --dirty" : "";
}

std::string find_config(const ConfigFlags& flags, const Repo& repo, const fs::path& workspace) {
  const std::string built = what_is_built(flags, repo);
  if (!flags.config.empty()) {
    const std::string config = relative_to_root(flags.config, repo.root());
    if (fs::is_regular_file(workspace / config)) return config;
    throw BadConfig(fmt::format("no `{}` in {}{}", config, built, hint(flags, repo, config)));
  }
  for (const char* config : k_config_files)
    if (fs::is_regular_file(workspace / config)) return config;
  for (const char* config : k_config_files)
    if (const std::string commit_it = hint(flags, repo, config); !commit_it.empty())
      throw BadConfig(fmt::format("no `{}` in {}{}", config, built, commit_it));
  throw BadConfig(
      fmt::format("neither `{}` nor `{}` in {}; one of them has to declare the pipeline",
                  k_config_files[0], k_config_files[1], built));
}

// Without user and password, as the repository's own is.
std::string remote_shown(const std::string& given) {
  const auto url = parse_remote_url(given);
  if (!url) throw BadConfig(fmt::format("--remote: {} is no url", ticked(given)));
  return to_string(*url);
}

bool is_cpp(const fs::path& config) { return config.extension() == ".cpp"; }

/// What a run needs before its config is read.
struct Prepared {
  run::Options options;
  Workspace workspace;
};

Prepared prepare(const ConfigFlags& flags) {
  const auto repo = open_git_repo(fs::current_path(), flags.commit);
  if (!flags.dirty && !flags.plan_only && flags.commit == "HEAD" && working_tree_differs(*repo)) {
    fmt::print(stderr, "jci: building commit {}; the working tree differs (--dirty builds it)\n",
               repo->sha().substr(0, 10));
  }
  Workspace workspace = flags.dirty ? prepare_dirty(*repo, cache_directory())
                                    : prepare_commit(*repo, cache_directory());
  const std::string config = find_config(flags, *repo, workspace.path());

  Repo::Facts commit = repo->facts();
  if (!flags.branch.empty()) commit.branch = flags.branch;
  if (!flags.remote.empty()) commit.remote = remote_shown(flags.remote);
  run::Options options{
      .plan_only = flags.plan_only,
      .json = flags.json,
      .dirty = flags.dirty,
      .executor = flags.executor,
      .max_parallel = flags.jobs,
      .commit = std::move(commit),
      .workspace = workspace.path(),
      .workspace_lock = workspace.lock_fd(),
      .config = config,
  };
  return {std::move(options), std::move(workspace)};
}

/// Where the config is Python's, as far as one can tell without looking into the commit.
bool may_start_python(const ConfigFlags& flags) {
  if (python_depends_on_directory()) return false;
  if (!flags.config.empty()) return !is_cpp(flags.config);
  for (fs::path directory = fs::current_path();; directory = directory.parent_path()) {
    if (fs::exists(directory / k_config_files.front())) return true;
    if (fs::exists(directory / ".git") || directory == directory.parent_path()) return false;
  }
}

/// Python starts while all else is prepared: these take about the same time.
[[noreturn]] void prepare_beside_python(const ConfigFlags& flags) {
  auto preparation = run::Preparation::beside(python_command);
  Prepared prepared = prepare(flags);
  run::Options& options = prepared.options;
  run::enter_workspace(options.workspace);
  if (is_cpp(options.config)) options.program = cpp_program(options.config);
  run::start_ahead(options, run::Preparation::config_process());
  preparation.finish(options);
}

[[noreturn]] void prepare_first(const ConfigFlags& flags) {
  const Prepared prepared = prepare(flags);
  run::enter_workspace(prepared.workspace.path());
  const std::string& config = prepared.options.config;
  const std::vector<std::string> command =
      is_cpp(config) ? std::vector<std::string>{cpp_program(config)} : python_command();
  run::hand_over(prepared.options);
  if (is_cpp(config)) become_program(command);
  run::become_interpreter(command);
}

}  // namespace

void add_source_flags(CLI::App& command, ConfigFlags& flags) {
  CLI::Option* commit =
      command.add_option("--commit", flags.commit, "The commit to build")->capture_default_str();
  command
      .add_flag("--dirty", flags.dirty,
                "Build the working tree instead, with untracked files that are not ignored")
      ->excludes(commit);
  command.add_option("--config", flags.config, "The config [cicd/cicd.py, else cicd/cicd.cpp]");
  command.add_flag("--json", flags.json, "JSON on stdout: one event a line");
}

void become_config(const ConfigFlags& flags) {
  if (may_start_python(flags)) prepare_beside_python(flags);
  prepare_first(flags);
}

}  // namespace jci::cli
