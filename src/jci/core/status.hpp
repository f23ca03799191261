// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

namespace jci {

/// Where a job, a stage or a pipeline stands.
enum class Status {
  pending,  ///< not started yet
  running,  ///< started, not ended
  failed,   ///< ended with anything but success, or could not be started
  passed,   ///< ended well; for a service: up, or ended with 0
  timeout,  ///< took longer than its `timeout` and was stopped
  skipped,  ///< will never run: a parent or an earlier stage did not pass, or the run was interrupted
  cancelled,  ///< was running when the run was interrupted
};

/// "PENDING", "RUNNING", ...
std::string_view to_string(Status status);
/// The inverse.
std::optional<Status> status_named(std::string_view name);

/// In the words of a sentence: "pending", "running", "failed", "passed", "timed out", ...
std::string_view in_words(Status status);

/// Will not change any more.
bool is_final(Status status);

/// Ended in a way that keeps dependants and later stages from running: failed, timeout, skipped or cancelled.
bool is_bad(Status status);

}  // namespace jci
