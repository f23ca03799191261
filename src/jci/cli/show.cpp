// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "jci/cli/commands.hpp"
#include "jci/core/errors.hpp"
#include "jci/remotes/git.hpp"
#include "jci/repos/git.hpp"

namespace jci::cli {
namespace {

void show(const std::string& revision) {
  const auto repo = open_git_repo(std::filesystem::current_path(), revision);
  const auto report = read_report(repo->root(), repo->sha());
  if (!report)
    throw BadConfig(fmt::format(
        "no report of commit {} is kept in this repository; `jci run --commit {}` makes one",
        repo->sha().substr(0, 10), revision));
  fmt::print("{}", *report);
  if (!report->ends_with('\n')) fmt::print("\n");
}

}  // namespace

void add_show(CLI::App& app, int&) {
  CLI::App* command =
      app.add_subcommand("show", "Print the newest report of a commit that is kept in git.");
  auto revision = std::make_shared<std::string>("HEAD");
  command->add_option("COMMIT", *revision, "a commit, branch or tag; HEAD where none is named");
  command->callback([revision] { show(*revision); });
}

}  // namespace jci::cli
