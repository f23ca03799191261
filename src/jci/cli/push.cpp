// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "jci/cli/commands.hpp"
#include "jci/cli/push_check.hpp"
#include "jci/cli/secret_variables.hpp"
#include "jci/push/check.hpp"
#include "jci/push/refs.hpp"
#include "jci/repos/git.hpp"
#include "jci/run/expected_version.hpp"
#include "jci/util/subprocess.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds k_silence{60};

std::vector<std::string> git_push(std::vector<std::string> first,
                                  const std::vector<std::string>& arguments) {
  first.insert(first.begin(), {"git", "push"});
  first.insert(first.end(), arguments.begin(), arguments.end());
  return first;
}

int push_what_passes(const std::vector<std::string>& arguments) {
  run::check_expected_version();
  const fs::path root = git_root(fs::current_path());
  const auto asked =
      run_while_it_speaks(git_push({"--dry-run", "--porcelain", "--no-verify"}, arguments), {},
                          k_silence, Prompts::yes);
  if (asked.exit_code != 0) {
    fmt::print(stderr, "{}jci: git would not push this, so nothing is checked\n", asked.errors);
    return asked.exit_code;
  }
  const auto planned = push::read_planned_push(asked.output);
  const CheckSettings settings{.root = root, .remote_url = planned.url};
  const auto checks = without_passed(settings, push::checks_of(root, planned.refs));
  if (!checks.empty()) use_secret_variables(root);
  if (const int code = check_now(settings, checks); code != 0) return code;
  // The hook, where there is one, finds that all of it has passed.
  become_program(git_push({}, arguments));
}

}  // namespace

void add_push(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "push",
      "Run the pipeline of the commits that `git push ARGUMENTS` would send, then push them if "
      "they\n"
      "pass. The connection is opened afterwards: no server has to wait, and none hangs up.");
  command->prefix_command();
  command->footer("Exit codes: 1 where a commit does not pass, 130 interrupted, else git's.");
  command->callback([&exit_code, command] { exit_code = push_what_passes(command->remaining()); });
}

}  // namespace jci::cli
