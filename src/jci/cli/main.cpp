// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "jci/cli/commands.hpp"
#include "jci/core/errors.hpp"
#include "jci/run/defaults.hpp"
#include "jci/version.hpp"

namespace {

constexpr int k_passed = 0;
constexpr int k_could_not_run = 1;
constexpr int k_bad_usage = 2;

// The one place where an error becomes a text and an exit code.
int fail(int code, const std::string& message) {
  fmt::print(stderr, "jci: error: {}\n", message);
  return code;
}

std::string version() {
  return fmt::format("jci {}\nexecutors: {}", JCI_VERSION, fmt::join(jci::run::executor_names(), ", "));
}

int dispatch(int argc, char** argv) {
  CLI::App app{"CI that runs where you work: pipelines in Python or C++, jobs on this machine, no server.", "jci"};
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  int exit_code = k_passed;
  jci::cli::add_run(app, exit_code);
  jci::cli::add_plan(app, exit_code);
  jci::cli::add_logs(app, exit_code);
  jci::cli::add_runs(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? k_passed : k_bad_usage;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const jci::BadConfig& error) {
    return fail(k_bad_usage, error.what());
  } catch (const std::exception& error) {
    return fail(k_could_not_run, error.what());
  }
}
