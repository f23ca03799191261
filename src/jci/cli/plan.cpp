// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include <memory>

#include "jci/cli/commands.hpp"
#include "jci/cli/config_flags.hpp"

namespace jci::cli {

void add_plan(CLI::App& app, int& /*exit_code*/) {
  auto flags = std::make_shared<ConfigFlags>();
  flags->plan_only = true;
  CLI::App* command =
      app.add_subcommand("plan", "Show stages, jobs, dependencies and images; run nothing");
  add_source_flags(*command, *flags);
  command->callback([flags] { become_config(*flags); });
}

}  // namespace jci::cli
