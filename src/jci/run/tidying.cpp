// SPDX-License-Identifier: MIT
#include "jci/run/tidying.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string_view>

#include "jci/engine/signals.hpp"
#include "jci/views/output.hpp"

namespace jci::run {
namespace {

// Longer than an engine takes that does nothing else.
constexpr auto k_long = std::chrono::seconds(2);
constexpr int k_interrupted = 130;

constexpr std::string_view k_goes_on =
    "jci: what the run left is still being removed; Ctrl-C leaves that to the next run\n";
constexpr std::string_view k_left = "\njci: interrupted: the next run removes what is left\n";

// Called for a signal: system calls only.
void leave_it(int /*signal*/) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, k_left.data(), k_left.size());
  ::_exit(k_interrupted);
}

/// In its scope an interrupting signal ends the process, unless it is ignored.
class EndsAtOnce {
 public:
  EndsAtOnce() {
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      ::sigaction(k_interrupting_signals[i], nullptr, &kept_[i]);
      struct sigaction leave{};
      leave.sa_handler = &leave_it;
      if (kept_[i].sa_handler != SIG_IGN) ::sigaction(k_interrupting_signals[i], &leave, nullptr);
    }
  }
  ~EndsAtOnce() {
    for (std::size_t i = 0; i < kept_.size(); ++i)
      ::sigaction(k_interrupting_signals[i], &kept_[i], nullptr);
  }
  EndsAtOnce(const EndsAtOnce&) = delete;
  EndsAtOnce& operator=(const EndsAtOnce&) = delete;

 private:
  std::array<struct sigaction, k_interrupting_signals.size()> kept_{};
};

}  // namespace

Tidying::Tidying(Engine& engine)
    : end_(std::async(std::launch::async, [&engine] { return engine.tidy(); })) {}

std::vector<std::string> Tidying::wait() {
  const EndsAtOnce ends_at_once;
  if (end_.wait_for(k_long) == std::future_status::timeout) write_all(STDERR_FILENO, k_goes_on);
  return end_.get();
}

}  // namespace jci::run
