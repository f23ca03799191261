// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

namespace jci {

// Four things go wrong, and they stay apart: the user's mistake (BadConfig), a job that failed (a Status,
// never an exception), the world failing (TriggerFailed, RemoteApiFailed), and our own bug (JCI_ASSERT).

/// The user's configuration or command line is wrong. The message says what, where and what to do.
struct BadConfig : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The run could not be carried out: no engine answers, the Workspace cannot be written, ...
struct TriggerFailed : std::runtime_error {
  using runtime_error::runtime_error;
};

/// A report could not be published. Never changes a pipeline's outcome.
struct RemoteApiFailed : std::runtime_error {
  using runtime_error::runtime_error;
  /// `wait`: what the other side asked for before the next try; nothing where it did not say.
  static RemoteApiFailed for_now(const std::string& message,
                                 std::optional<std::chrono::milliseconds> wait = std::nullopt) {
    RemoteApiFailed failed(message);
    failed.may_pass = true;
    failed.retry_after = wait;
    return failed;
  }

  bool may_pass = false;  ///< trying again may help: no answer, 5xx, too many requests
  std::optional<std::chrono::milliseconds> retry_after;
};

}  // namespace jci
