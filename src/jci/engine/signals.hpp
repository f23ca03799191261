// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <csignal>

namespace jci {

/// The signals that interrupt a run.
inline constexpr std::array k_interrupting_signals{SIGINT, SIGTERM, SIGHUP};

/// Puts this process's handlers of the interrupting signals back at the end of a scope. Asio's signal_set, which takes them
/// over in between, would leave the default behind, and a host such as Python would never see Ctrl-C again.
class KeepSignalHandlers {
 public:
  KeepSignalHandlers() {
    for (std::size_t i = 0; i < kept_.size(); ++i) sigaction(k_interrupting_signals[i], nullptr, &kept_[i]);
  }
  ~KeepSignalHandlers() {
    for (std::size_t i = 0; i < kept_.size(); ++i) sigaction(k_interrupting_signals[i], &kept_[i], nullptr);
  }
  KeepSignalHandlers(const KeepSignalHandlers&) = delete;
  KeepSignalHandlers& operator=(const KeepSignalHandlers&) = delete;

 private:
  std::array<struct sigaction, k_interrupting_signals.size()> kept_{};
};

}  // namespace jci
