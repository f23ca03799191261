// SPDX-License-Identifier: MIT
#include "jci/cli/exchange_words.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

namespace jci::cli {

void add_exchange_timeout(CLI::App& command, ExchangeFlags& flags) {
  command
      .add_option("--timeout", flags.timeout,
                  "Give up where the other side is silent for SECONDS [60]")
      ->option_text("SECONDS")
      ->check(CLI::Range(0.1, 86'400.0));
}

ExchangeSettings exchange_settings(const ExchangeFlags& flags) {
  return {.repository = std::filesystem::current_path(),
          .remote = flags.remote,
          .silence = std::chrono::duration_cast<std::chrono::milliseconds>(
              std::chrono::duration<double>(flags.timeout))};
}

int print_refused(const Exchanged& exchanged) {
  for (const auto& line : exchanged.said) fmt::print("{} says: {}\n", exchanged.remote, line);
  for (const auto& report : exchanged.refused)
    fmt::print("refused {}: {}\n", report.sha, report.why);
  return exchanged.refused.empty() ? 0 : 1;
}

}  // namespace jci::cli
