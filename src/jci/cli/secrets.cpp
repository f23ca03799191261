// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jci/cli/commands.hpp"
#include "jci/cli/secrets_commands.hpp"

namespace jci::cli {
namespace {

/// A command below `jci secrets` on the environment ENV.
CLI::App* add_command(CLI::App& secrets, const char* name, const char* description,
                      const std::function<void(const secrets::Environment&)>& act) {
  auto environment = std::make_shared<std::string>();
  CLI::App* command = secrets.add_subcommand(name, description);
  command
      ->add_option("ENV", *environment,
                   "The environment: `ci` for `secrets/ci.enc` and `secrets/ci.key`")
      ->required();
  command->callback([environment, act] { act(environment_here(*environment)); });
  return command;
}

/// The same with one more argument.
CLI::App* add_command(
    CLI::App& secrets, const char* name, const char* description, const char* argument,
    const char* argument_description,
    const std::function<void(const secrets::Environment&, const std::string&)>& act) {
  auto value = std::make_shared<std::string>();
  CLI::App* command = add_command(
      secrets, name, description,
      [value, act](const secrets::Environment& environment) { act(environment, *value); });
  command->add_option(argument, *value, argument_description)->required();
  return command;
}

void add_exec(CLI::App& secrets) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      add_command(secrets, "exec", "Run a command that has the variables in its environment",
                  [words](const auto& environment) { become_with_secrets(environment, *words); });
  command->add_option("COMMAND", *words, "The command and its arguments, behind `--`")->required();
}

void add_rotate(CLI::App& secrets) {
  auto without = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      add_command(secrets, "rotate", "Encrypt all anew, by a new data key",
                  [without](const auto& environment) { rotate_secrets(environment, *without); });
  command->add_option("--without", *without, "A public key for which it shall not open any more");
}

void add_textconv(CLI::App& secrets) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = secrets.add_subcommand(
      "textconv",
      "Print an encrypted file in the clear, for `git diff`; as it is where no key fits");
  command->add_option("FILE", *file, "The file")->required();
  command->callback([file] { print_for_diff(*file); });
}

}  // namespace

void add_secrets(CLI::App& app, int& /*exit_code*/) {
  CLI::App* command = app.add_subcommand(
      "secrets",
      "Variables that are encrypted in git: `secrets/ENV.enc`, a SOPS file for age keys");
  command->require_subcommand(1);
  add_command(*command, "edit", "Edit the variables by $VISUAL or $EDITOR; nothing reaches a disk",
              edit_secrets);
  add_command(*command, "get", "Print the value of a variable, and nothing else", "KEY", "Its name",
              print_secret);
  add_command(*command, "set", "Set a variable to what stdin has", "KEY", "Its name", set_secret);
  add_command(*command, "list", "Print the names of the variables", list_secrets);
  add_exec(*command);
  add_command(*command, "env", "Print `export` lines for a shell to `eval`", print_exports);
  add_command(*command, "import", "Take over the variables of a plain `.env` file", "FILE",
              "The file; `-` for stdin", import_secrets);
  add_command(*command, "keygen", "Make `secrets/ENV.key` and print its public key",
              make_secret_key);
  add_command(*command, "add-recipient", "Let one more key open the file", "AGE1",
              "Its public key, `age1...`", add_secret_recipient);
  add_rotate(*command);
  add_textconv(*command);
  command->footer(
      "Keys are looked for in secrets/ENV.key, SOPS_AGE_KEY and SOPS_AGE_KEY_FILE.\n"
      "Exit codes: 0 done, 1 could not be done, 2 wrong usage, key or file.");
}

}  // namespace jci::cli
