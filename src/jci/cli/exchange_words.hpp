// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "jci/remotes/exchange.hpp"

namespace jci::cli {

/// What `jci fetch` and `jci publish --push` are told alike.
struct ExchangeFlags {
  std::string remote;
  double timeout = 60;
};

void add_exchange_timeout(CLI::App& command, ExchangeFlags& flags);

/// Of the repository around the working directory.
ExchangeSettings exchange_settings(const ExchangeFlags& flags);

/// Prints what was refused and what the server said to it; gives the exit code: 1 where anything was.
int print_refused(const Exchanged& exchanged);

}  // namespace jci::cli
