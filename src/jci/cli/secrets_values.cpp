// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "jci/cli/secret_variables.hpp"
#include "jci/cli/secrets_commands.hpp"
#include "jci/cli/typed_secret.hpp"
#include "jci/core/names.hpp"
#include "jci/secrets/import.hpp"
#include "jci/secrets/keys.hpp"
#include "jci/secrets/shell.hpp"
#include "jci/secrets/whole_file.hpp"
#include "jci/util/subprocess.hpp"
#include "jci/util/text.hpp"
#include "jci/views/output.hpp"

namespace jci::cli {
namespace {

void print(std::string_view text) {
  if (!write_all(STDOUT_FILENO, text)) throw secrets::cannot("write to", "stdout", errno);
}

secrets::Wiped value_from_stdin(const std::string& name) {
  const bool is_terminal = ::isatty(STDIN_FILENO) == 1;
  secrets::Wiped value = is_terminal
                             ? typed_secret(fmt::format("Value of {}: ", sanitize_line(name)))
                             : secrets::read_whole(STDIN_FILENO, "stdin");
  std::string_view text = value.view();
  const bool is_one_line = std::ranges::count(text, '\n') == 1 && text.ends_with('\n');
  if (is_one_line) text.remove_suffix(1);
  return secrets::Wiped(std::string(text));
}

[[noreturn]] void refuse_name(const secrets::Environment& environment,
                              const std::vector<secrets::Variable>& all, const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& variable : all) names.push_back(variable.name);
  const std::string guess = did_you_mean(name, names);
  throw BadConfig(fmt::format(
      "there is no `{}` in `{}`{}", sanitize_line(name), environment.file().string(),
      guess.empty() ? fmt::format("; `jci secrets list {}` lists them", environment.name())
                    : guess));
}

}  // namespace

void print_secret(const secrets::Environment& environment, const std::string& name) {
  const auto all = secrets::variables_of(environment.open());
  const auto found = std::ranges::find(all, name, &secrets::Variable::name);
  if (found == all.end()) refuse_name(environment, all, name);
  print(found->value.text());
  if (::isatty(STDOUT_FILENO) == 1) print("\n");
}

void set_secret(const secrets::Environment& environment, const std::string& name) {
  secrets::Wiped value = value_from_stdin(name);
  const Fd lock = environment.lock();
  secrets::SopsDocument document = environment.open_or_create();
  document.set(name, std::move(value));
  environment.save(document);
}

void list_secrets(const secrets::Environment& environment) {
  std::string names;
  for (const auto& variable : secrets::variables_of(environment.open()))
    names.append(sanitize_line(variable.name)).append("\n");
  print(names);
}

void print_exports(const secrets::Environment& environment) {
  print(secrets::to_shell(secrets::variables_of(environment.open())).text());
}

void become_with_secrets(const secrets::Environment& environment,
                         const std::vector<std::string>& command) {
  put_into_environment(secrets::variables_of(environment.open()));
  try {
    become_program(command);
  } catch (const std::system_error& error) {
    throw secrets::cannot("start", command.front(), error.code().value());
  }
}

void import_secrets(const secrets::Environment& environment, const std::string& file) {
  const secrets::Wiped text =
      file == "-" ? secrets::read_whole(STDIN_FILENO, "stdin") : secrets::read_whole_file(file);
  std::vector<secrets::Variable> all;
  try {
    all = secrets::parse_plain_dotenv(text.view());
  } catch (const secrets::Error& error) {
    throw secrets::Error(error.problem,
                         fmt::format("`{}` cannot be imported: {}", file, error.what()));
  }
  const Fd lock = environment.lock();
  secrets::SopsDocument document = environment.open_or_create();
  for (auto& [name, value] : all) document.set(name, std::move(value));
  environment.save(document);
  fmt::print("{} imported into `{}`\n", counted(all.size(), "variable"),
             environment.file().string());
}

void print_for_diff(const std::string& file) {
  const secrets::Wiped text = secrets::read_whole_file(file);
  try {
    const auto keys = secrets::all_keys(repository_here(),
                                        [](const char* variable) { return std::getenv(variable); });
    const auto document = secrets::SopsDocument::open(text.view(), keys);
    print(secrets::to_dotenv(document.lines()).text());
  } catch (const secrets::Error&) {
    print(text.text());
  }
}

}  // namespace jci::cli
