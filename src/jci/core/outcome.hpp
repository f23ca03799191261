// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "jci/core/status.hpp"

namespace jci {

/// The job's main process ended by itself. `code` is 0 to 255.
struct Exited {
  int code = 0;
  bool operator==(const Exited&) const = default;
};

/// The job's main process was killed by a signal that we did not send.
struct Signaled {
  int signal = 0;
  bool operator==(const Signaled&) const = default;
};

/// Ran longer than its timeout; everything it started has been stopped.
struct TimedOut {
  bool operator==(const TimedOut&) const = default;
};

/// Stopped because the run was interrupted or, for a service, is over.
struct Cancelled {
  bool operator==(const Cancelled&) const = default;
};

/// Never ran: image missing, command not found, ... `reason` says what and what to do.
struct CouldNotStart {
  std::string reason;
  bool operator==(const CouldNotStart&) const = default;
};

/// Ran, but how it ended is not known: the executor lost it.
struct Lost {
  std::string reason;
  bool operator==(const Lost&) const = default;
};

/// How one job ended. A value, never an exception.
using Outcome = std::variant<Exited, Signaled, TimedOut, Cancelled, CouldNotStart, Lost>;

Status status_of(const Outcome& outcome);

/// For programs: "exited", "signaled", "timed_out", "cancelled", "could_not_start" or "lost".
std::string_view kind_of(const Outcome& outcome);

/// For people, in a few words: "exit code 3", "killed by signal 9 (SIGKILL)", "timed out", ...
std::string describe(const Outcome& outcome);

}  // namespace jci
