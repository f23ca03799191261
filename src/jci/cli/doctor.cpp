// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "jci/cli/commands.hpp"
#include "jci/cli/doctor_checks.hpp"
#include "jci/core/dot.hpp"
#include "jci/repos/git.hpp"
#include "jci/util/text.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

std::string_view sign(Finding::Level level) {
  switch (level) {
    case Finding::Level::fine:
      return dot(Status::passed);
    case Finding::Level::doubtful:
      return "🟡";
    case Finding::Level::wrong:
      return dot(Status::failed);
  }
  return {};
}

void print(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    fmt::print("{} {} {}\n", sign(finding.level), pad(finding.about, 8), sanitize(finding.says));
    if (!finding.mend.empty()) fmt::print("            -> {}\n", finding.mend);
  }
  std::fflush(stdout);  // the next look may take its time
}

int examine() {
  const fs::path root = git_root(fs::current_path());
  std::size_t wrong = 0;
  const auto tell = [&](const std::vector<Finding>& findings) {
    print(findings);
    for (const Finding& finding : findings) wrong += finding.level == Finding::Level::wrong ? 1 : 0;
  };
  tell(look_at_git(root));
  const Declared declared = look_at_config(root);
  tell({declared.finding});
  tell(look_at_hook(root));
  tell(look_at_secrets(root));
  tell(look_at_remote(root));
  tell({look_at_engine(declared.executor)});
  tell(look_at_disk());
  fmt::print("{}\n", wrong == 0 ? "Nothing is wrong."
                                : counted(wrong, "thing is", "things are") + " wrong.");
  return wrong == 0 ? 0 : 1;
}

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Look at all that a push needs here, and say how to mend what is wrong");
  command->footer("Exit codes: 0 nothing is wrong, 1 something is.");
  command->callback([&exit_code] { exit_code = examine(); });
}

}  // namespace jci::cli
