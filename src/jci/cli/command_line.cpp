// SPDX-License-Identifier: MIT
#include "jci/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "jci/cli/commands.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/run/exit_codes.hpp"

namespace jci::cli {
namespace {

constexpr int k_could_not_run = 1;
constexpr int k_bad_usage = 2;

// The one place where an error becomes a text and an exit code.
int fail(int code, const std::string& message) {
  fmt::print(stderr, "jci: error: {}\n", message);
  return code;
}

std::vector<std::string> command_names(CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

/// `secrets get`: the command that was chosen, with those below it.
std::string words_of(const CLI::App& command) {
  std::string words = command.get_name();
  const std::vector<const CLI::App*> below =
      command.get_subcommands([](const CLI::App* app) { return app->parsed(); });
  if (!below.empty()) words += ' ' + words_of(*below.front());
  return words;
}

// Without a known command CLI11 says only that one is required.
std::string what_is_wrong(CLI::App& app, const CLI::ParseError& error,
                          std::string_view first_word) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  if (!chosen.empty())
    return fmt::format("{}; see `jci {} --help`", error.what(), words_of(*chosen.front()));
  if (first_word.empty()) return "no command is given; `jci --help` lists them";
  if (first_word.starts_with('-'))
    return fmt::format("`{}` is no option of `jci` itself; see `jci --help`", first_word);
  const std::vector<std::string> names = command_names(app);
  const std::string guess =
      did_you_mean(first_word, std::vector<std::string_view>(names.begin(), names.end()));
  return fmt::format("no command is called `{}`{}", first_word,
                     guess.empty() ? "; `jci --help` lists them" : guess);
}

int dispatch(int argc, char** argv) {
  CLI::App app{
      "CI that runs where you work: pipelines in Python or C++, jobs on this machine, no server.",
      "jci"};
  app.set_version_flag("--version", std::string(k_version));
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  int exit_code = k_passed;
  add_run(app, exit_code);
  add_plan(app, exit_code);
  add_logs(app, exit_code);
  add_runs(app, exit_code);
  add_report(app, exit_code);
  add_publish(app, exit_code);
  add_fetch(app, exit_code);
  add_show(app, exit_code);
  add_secrets(app, exit_code);
  add_init(app, exit_code);
  add_doctor(app, exit_code);
  add_push(app, exit_code);
  add_hook(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wants_help) {
    return app.exit(wants_help);
  } catch (const CLI::ParseError& error) {
    throw BadConfig(what_is_wrong(app, error, argc > 1 ? argv[1] : ""));
  }
  return exit_code;
}

int answer(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const BadConfig& error) {
    return fail(k_bad_usage, error.what());
  } catch (const std::exception& error) {
    return fail(k_could_not_run, error.what());
  }
}

}  // namespace
}  // namespace jci::cli

int jci_command_line(int argc, char** argv) { return jci::cli::answer(argc, argv); }
