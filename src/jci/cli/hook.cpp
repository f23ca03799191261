// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jci/cli/commands.hpp"
#include "jci/cli/git_variables.hpp"
#include "jci/cli/push_check.hpp"
#include "jci/cli/secret_variables.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/push/background.hpp"
#include "jci/push/check.hpp"
#include "jci/push/news.hpp"
#include "jci/push/notify.hpp"
#include "jci/push/refs.hpp"
#include "jci/repos/git.hpp"
#include "jci/run/expected_version.hpp"
#include "jci/util/paths.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;
using push::Check;

constexpr int k_allowed = 0;

struct HookFlags {
  std::string remote;
  std::string url;
  bool wait = false;
  bool detach = false;
};

bool waits(const HookFlags& flags, const fs::path& root) {
  if (flags.wait || flags.detach) return flags.wait;
  const std::string mode = git_setting(root, "jaypore.push").value_or("detach");
  if (mode == "wait" || mode == "detach") return mode == "wait";
  throw BadConfig(fmt::format(
      "jaypore.push is {}, and may be `detach` or `wait`: `git config jaypore.push detach`",
      ticked(mode)));
}

bool asks_to_skip() {
  const char* const skip = std::getenv("JAYPORE_SKIP");
  return skip != nullptr && *skip != '\0' && std::string_view(skip) != "0";
}

int skip(const fs::path& root, const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    push::record_skipped(root, check);
    fmt::print(stderr, "jci: {} is not checked, for JAYPORE_SKIP is set; `jci runs` shows that\n",
               push::shown(check));
  }
  return k_allowed;
}

void check_and_tell(const CheckSettings& settings, const Check& check, const push::News& news,
                    const fs::path& log) {
  news.begin(
      log,
      fmt::format(
          "the check of {} after its push was interrupted; `jci run --commit {}` does it again",
          push::shown(check), check.sha.substr(0, 10)));
  const int code = run_check(settings, check);
  const std::string outcome = fmt::format("{} {}", push::shown(check), how_it_ended(code));
  push::notify(outcome, settings.root.filename());
  if (code != k_allowed)
    news.leave(log, fmt::format("{} after its push; {}", outcome, where_to_look(code, check, log)));
  news.ended(log);
}

int check_later(const CheckSettings& settings, const std::vector<Check>& checks,
                const push::News& news) {
  const fs::path log = news.new_log(checks.front().sha);
  push::in_background(log, [&] {
    for (const Check& check : checks) check_and_tell(settings, check, news, log);
    return k_allowed;
  });
  for (const Check& check : checks)
    fmt::print(stderr, "jci: {} is checked in the background; `jci runs` tells how it goes\n",
               push::shown(check));
  return k_allowed;
}

int pre_push(const HookFlags& flags) {
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  const auto refs = push::read_pushed_refs(input);
  const fs::path root = leave_the_hooks_repository();
  const auto checks = push::checks_of(root, refs);
  if (checks.empty()) return k_allowed;
  run::check_expected_version();
  const bool waiting = waits(flags, root);
  const push::News news(state_directory(), root);
  for (const std::string& line : news.take()) fmt::print(stderr, "jci: {}\n", line);
  if (asks_to_skip()) return skip(root, checks);

  const CheckSettings settings{.root = root, .remote_url = flags.url};
  const auto open = without_passed(settings, checks);
  if (open.empty()) return k_allowed;
  use_secret_variables(root);
  return waiting ? check_now(settings, open) : check_later(settings, open, news);
}

}  // namespace

void add_hook(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("hook", "What git's hooks call");
  command->require_subcommand(1);
  CLI::App* hook = command->add_subcommand(
      "pre-push",
      "Check the commits that `git push` is about to send, as it tells them on standard input.\n"
      "A commit whose files have passed before passes at once.");
  auto flags = std::make_shared<HookFlags>();
  hook->add_option("REMOTE", flags->remote, "As git says it: the remote's name");
  hook->add_option("URL", flags->url, "As git says it: where that is");
  auto* wait = hook->add_flag("--wait", flags->wait, "Push only what passes");
  hook->add_flag("--detach", flags->detach, "Push at once, check in the background")
      ->excludes(wait);
  hook->footer(
      "Which of the two, where neither is given: `git config jaypore.push detach|wait` [detach].\n"
      "JAYPORE_SKIP=1 pushes without a check, which `jci runs` shows.\n"
      "ENV names the environment in secrets/ whose variables the pipeline gets.\n"
      "Exit codes: 0 push, 1 do not, 2 wrong usage or setting, 130 interrupted.");
  hook->callback([&exit_code, flags] { exit_code = pre_push(*flags); });
}

}  // namespace jci::cli
