// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <csignal>

namespace jci {

/// The signals that interrupt a run.
inline constexpr std::array k_interrupting_signals{SIGINT, SIGTERM, SIGHUP};

/// Puts this process's handlers of the interrupting signals back at the end of a scope. Asio's signal_set, which takes them
/// over in between, would leave the default behind, and a host such as Python would never see Ctrl-C again. SIGPIPE is ignored in
/// the scope: a reader that has gone away is an error of a write, not the end of the run.
class KeepSignalHandlers {
 public:
  KeepSignalHandlers() {
    for (std::size_t i = 0; i < kept_.size(); ++i)
      sigaction(k_interrupting_signals[i], nullptr, &kept_[i]);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &kept_pipe_);
  }
  ~KeepSignalHandlers() {
    for (std::size_t i = 0; i < kept_.size(); ++i)
      sigaction(k_interrupting_signals[i], &kept_[i], nullptr);
    sigaction(SIGPIPE, &kept_pipe_, nullptr);
  }
  KeepSignalHandlers(const KeepSignalHandlers&) = delete;
  KeepSignalHandlers& operator=(const KeepSignalHandlers&) = delete;

 private:
  std::array<struct sigaction, k_interrupting_signals.size()> kept_{};
  struct sigaction kept_pipe_{};
};

}  // namespace jci
