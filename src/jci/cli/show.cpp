// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "jci/cli/commands.hpp"
#include "jci/core/errors.hpp"
#include "jci/remotes/git.hpp"
#include "jci/repos/git.hpp"

namespace jci::cli {
namespace {

struct Shown {
  std::string sha;
  std::optional<std::string> report;
};

/// A report may come from elsewhere before the commit that it is of does.
Shown look_up(const std::string& revision) {
  if (is_commit_id(revision))
    return {revision, read_report(std::filesystem::current_path(), revision)};
  const auto repo = open_git_repo(std::filesystem::current_path(), revision);
  return {repo->sha(), read_report(repo->root(), repo->sha())};
}

void show(const std::string& revision) {
  const Shown shown = look_up(revision);
  if (!shown.report)
    throw BadConfig(
        fmt::format("no report of commit {} is kept in this repository; `jci fetch` looks for one "
                    "elsewhere, `jci run --commit {}` makes one",
                    shown.sha.substr(0, 10), revision));
  fmt::print("{}", *shown.report);
  if (!shown.report->ends_with('\n')) fmt::print("\n");
}

}  // namespace

void add_show(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand(
      "show", "Print the newest report of a commit that is kept in git, ours or fetched.");
  auto revision = std::make_shared<std::string>("HEAD");
  command->add_option("COMMIT", *revision, "a commit, branch or tag; HEAD where none is named");
  command->callback([revision] { show(*revision); });
}

}  // namespace jci::cli
