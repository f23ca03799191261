// SPDX-License-Identifier: MIT
#include "jci/cli/push_check.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "jci/history/store.hpp"
#include "jci/util/paths.hpp"
#include "jci/util/subprocess.hpp"
#include "jci/util/text.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

bool passed_before(const CheckSettings& settings, const push::Check& check) try {
  const auto run = push::run_that_passed(state_path(), settings.root, check.tree);
  if (!run) return false;
  const auto ago = std::chrono::system_clock::now() - run->started_at;
  fmt::print(stderr, "jci: {} has passed, {} ago (run {})\n", push::shown(check),
             human_duration(ago), run->info.pipe_id);
  return true;
} catch (const history::StoreFailed& failure) {
  fmt::print(stderr, "jci: warning: what has passed before is not known: {}\n", failure.what());
  return false;
}

}  // namespace

std::vector<push::Check> without_passed(const CheckSettings& settings,
                                        std::vector<push::Check> checks) {
  std::erase_if(checks, [&](const push::Check& check) { return passed_before(settings, check); });
  return checks;
}

int run_check(const CheckSettings& settings, const push::Check& check) {
  std::vector<std::string> command{fs::read_symlink("/proc/self/exe"), "run", "--commit",
                                   check.sha};
  if (!check.branch.empty()) command.push_back("--branch=" + check.branch);
  if (!settings.remote_url.empty()) command.push_back("--remote=" + settings.remote_url);
  return run_in_foreground(command);
}

int check_now(const CheckSettings& settings, const std::vector<push::Check>& checks) {
  for (const push::Check& check : checks) {
    fmt::print(stderr, "jci: checking {} before it is pushed\n", push::shown(check));
    const int code = run_check(settings, check);
    if (code == k_passed) continue;
    fmt::print(stderr,
               "jci: {} {}: nothing is pushed (`git push --no-verify` pushes all the same)\n",
               push::shown(check), how_it_ended(code));
    return code == k_interrupted ? code : k_failed;
  }
  return k_passed;
}

std::string_view how_it_ended(int code) {
  switch (code) {
    case k_passed:
      return "passed";
    case k_failed:
      return "failed";
    case k_interrupted:
      return "was interrupted";
    default:
      return "could not be checked";
  }
}

std::string where_to_look(int code, const push::Check& check, const fs::path& log) {
  return code == k_failed ? fmt::format("`jci report {}` shows how", check.sha.substr(0, 10))
                          : fmt::format("`{}` tells why", log.string());
}

}  // namespace jci::cli
