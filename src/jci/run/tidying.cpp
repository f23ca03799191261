// SPDX-License-Identifier: MIT
#include "jci/run/tidying.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string_view>

#include "jci/engine/signals.hpp"
#include "jci/run/exit_codes.hpp"
#include "jci/views/output.hpp"

namespace jci::run {
namespace {

// Longer than an engine takes that does nothing else.
constexpr auto k_long = std::chrono::seconds(2);

constexpr std::string_view k_goes_on =
    "jci: what the run left is still being removed; Ctrl-C leaves that to the next run\n";
constexpr std::string_view k_left = "\njci: interrupted: the next run removes what is left\n";

// Called for a signal: system calls only.
void leave_it(int /*signal*/) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, k_left.data(), k_left.size());
  ::_exit(k_interrupted);
}

/// From now on an interrupting signal ends the process, unless it is ignored.
void end_at_once() {
  for (const int signal : k_interrupting_signals) {
    struct sigaction action{};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = &leave_it;
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace

Tidying::Tidying(Engine& engine)
    : end_(std::async(std::launch::async, [&engine] { return engine.tidy(); })) {}

std::vector<std::string> Tidying::wait() {
  const KeepSignalHandlers keep;
  end_at_once();
  if (end_.wait_for(k_long) == std::future_status::timeout) write_all(STDERR_FILENO, k_goes_on);
  return end_.get();
}

}  // namespace jci::run
