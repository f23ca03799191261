// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include <memory>

#include "jci/cli/commands.hpp"
#include "jci/cli/config_flags.hpp"
#include "jci/run/defaults.hpp"

namespace jci::cli {

void add_run(CLI::App& app, int& /*exit_code*/) {
  auto flags = std::make_shared<ConfigFlags>();
  CLI::App* command = app.add_subcommand("run", "Run this repository's pipeline");
  command
      ->add_option("--executor", flags->executor,
                   "What runs the jobs, unless the config names one [docker]")
      ->check(CLI::IsMember(run::executor_names()));
  command->add_option("-j,--jobs", flags->jobs, "Most jobs at once [what suits the executor]")
      ->check(CLI::Range(1, 1'000'000));
  add_source_flags(*command, *flags);
  command->add_option("--branch", flags->branch,
                      "The branch it is built for [the one whose tip it is]");
  command->add_option("--remote", flags->remote, "The url it is pushed to [origin's]");
  command->footer(
      "Exit codes: 0 passed, 1 failed, 2 wrong config or usage, 130 interrupted.\n"
      "JAYPORE_PYTHON names the interpreter for cicd.py; CXX the compiler for cicd.cpp.");
  command->callback([flags] { become_config(*flags); });
}

}  // namespace jci::cli
