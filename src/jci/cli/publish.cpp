// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

#include "jci/cli/commands.hpp"
#include "jci/cli/exchange_words.hpp"
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

int push(const ExchangeFlags& flags) {
  const Exchanged exchanged = push_reports(exchange_settings(flags));
  if (exchanged.sent == 0 && exchanged.refused.empty()) {
    fmt::print("{} has all reports\n", exchanged.remote);
  } else {
    fmt::print("sent {} to {}{}\n", counted(exchanged.sent, "report"), exchanged.remote,
               exchanged.received == 0
                   ? ""
                   : fmt::format(", received {}", counted(exchanged.received, "report")));
  }
  return print_refused(exchanged);
}

}  // namespace

void add_publish(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("publish",
                                         "Publish reports that were not yet, or not everywhere.\n"
                                         "Ends with 1 where a report still waits or was refused.");
  auto pending = std::make_shared<bool>(false);
  auto flags = std::make_shared<ExchangeFlags>();
  command->add_flag("--pending", *pending,
                    "All that could not be published when their runs ended, of all repositories; "
                    "tokens come from the environment, as for a run");
  const CLI::Option* pushing =
      command
          ->add_option("--push", flags->remote,
                       "Those that this repository keeps in git, to one of its remotes [where "
                       "`git push` of this branch goes]")
          ->option_text("[REMOTE]")
          ->expected(0, 1);
  add_exchange_timeout(*command, *flags);
  command->callback([&exit_code, pending, pushing, flags] {
    if (!*pending && pushing->count() == 0)
      throw BadConfig("say what to publish: `jci publish --pending` or `jci publish --push`");
    if (*pending) exit_code = deliver_pending();
    if (pushing->count() != 0) exit_code = std::max(exit_code, push(*flags));
  });
}

}  // namespace jci::cli
