// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>

#include "jci/cli/commands.hpp"
#include "jci/core/errors.hpp"
#include "jci/run/delivery.hpp"
#include "jci/util/paths.hpp"
#include "jci/util/text.hpp"

namespace jci::cli {
namespace {

std::string_view word_for(run::Delivery::End end) {
  switch (end) {
    case run::Delivery::End::delivered:
      return "delivered";
    case run::Delivery::End::waits:
      return "waits";
    case run::Delivery::End::dropped:
      return "dropped";
  }
  return "";
}

int deliver_pending() {
  run::Courier courier(state_path(), process_variables());
  int waiting = 0;
  int seen = 0;
  courier.deliver([&](const run::Delivery& delivery) {
    ++seen;
    if (delivery.end != run::Delivery::End::delivered) ++waiting;
    fmt::print("{:<10} {} {} {}{}{}\n", word_for(delivery.end), delivery.letter.pipe_id,
               delivery.letter.remote, to_string(delivery.letter.status),
               delivery.why.empty() ? "" : ": ", sanitize_line(delivery.why));
  });
  if (seen == 0) fmt::print("nothing waits to be published\n");
  return waiting == 0 ? 0 : 1;
}

}  // namespace

void add_publish(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "publish",
      "Publish again what could not be published when its run ended.\n"
      "Tokens come from the environment, as for a run. Ends with 1 where a report still waits.");
  auto pending = std::make_shared<bool>(false);
  command->add_flag("--pending", *pending, "all reports that wait, of all repositories")
      ->required();
  command->callback([&exit_code, pending] { exit_code = deliver_pending(); });
}

}  // namespace jci::cli
