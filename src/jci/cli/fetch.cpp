// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

#include "jci/cli/commands.hpp"
#include "jci/cli/exchange_words.hpp"
#include "jci/util/text.hpp"

namespace jci::cli {
namespace {

int fetch(const ExchangeFlags& flags) {
  const Exchanged exchanged = fetch_reports(exchange_settings(flags));
  if (exchanged.received == 0) {
    fmt::print("no new reports from {}\n", exchanged.remote);
  } else {
    fmt::print("received {} from {}{}\n", counted(exchanged.received, "report"), exchanged.remote,
               exchanged.merged == 0 ? "" : fmt::format(", {} merged with ours", exchanged.merged));
  }
  return print_refused(exchanged);
}

}  // namespace

void add_fetch(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "fetch",
      "Fetch the reports that another repository keeps in git, and join them with ours.\n"
      "`jci show` prints one, `git log refs/jayporeci/SHA` all of a commit.");
  auto flags = std::make_shared<ExchangeFlags>();
  command->add_option("REMOTE", flags->remote,
                      "A remote of this repository [where `git push` of this branch goes]");
  add_exchange_timeout(*command, *flags);
  command->callback([&exit_code, flags] { exit_code = fetch(*flags); });
}

}  // namespace jci::cli
