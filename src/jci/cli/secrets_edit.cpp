// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "jci/cli/editor.hpp"
#include "jci/cli/memory_file.hpp"
#include "jci/cli/secrets_commands.hpp"

namespace jci::cli {
namespace {

/// Whether the user, who is told the error, wants to go on with the text as it is; nobody is asked without a terminal.
bool wants_to_edit_again(const std::exception& error) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return false;
  fmt::print(stderr, "jci: {}\nEdit again? Otherwise the changes are lost. [Y/n] ", error.what());
  std::string answer;
  if (!std::getline(std::cin, answer)) return false;
  return !answer.starts_with('n') && !answer.starts_with('N');
}

/// Whether that was the last word.
bool take_over(secrets::SopsDocument& document, const secrets::Environment& environment,
               const secrets::Wiped& text) {
  try {
    document.replace(secrets::parse_dotenv(text.view()));
    environment.save(document);
    return true;
  } catch (const std::exception& error) {
    if (!wants_to_edit_again(error)) throw;
    return false;
  }
}

}  // namespace

void edit_secrets(const secrets::Environment& environment) {
  const Fd lock = environment.lock();
  secrets::SopsDocument document = environment.open_or_create();
  const secrets::Wiped before = secrets::to_dotenv(document.lines());
  const MemoryFile file(environment.name() + ".env", before.view());
  secrets::Wiped text;
  do {
    run_editor(file.path());
    text = file.read();
    if (text == before) {
      fmt::print(stderr, "nothing is changed\n");
      return;
    }
  } while (!take_over(document, environment, text));
}

}  // namespace jci::cli
