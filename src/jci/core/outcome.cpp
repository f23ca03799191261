// SPDX-License-Identifier: MIT
#include "jci/core/outcome.hpp"

#include <cstring>

namespace jci {
namespace {

struct StatusOf {
  Status operator()(const Exited& ended) const {
    return ended.code == 0 ? Status::passed : Status::failed;
  }
  Status operator()(const Signaled&) const { return Status::failed; }
  Status operator()(const TimedOut&) const { return Status::timeout; }
  Status operator()(const Cancelled&) const { return Status::cancelled; }
  Status operator()(const CouldNotStart&) const { return Status::failed; }
  Status operator()(const Lost&) const { return Status::failed; }
};

struct KindOf {
  std::string_view operator()(const Exited&) const { return "exited"; }
  std::string_view operator()(const Signaled&) const { return "signaled"; }
  std::string_view operator()(const TimedOut&) const { return "timed_out"; }
  std::string_view operator()(const Cancelled&) const { return "cancelled"; }
  std::string_view operator()(const CouldNotStart&) const { return "could_not_start"; }
  std::string_view operator()(const Lost&) const { return "lost"; }
};

/// " (SIGKILL)"; nothing for the numbers that have no name of their own, such as real-time signals.
std::string name_of_signal(int signal) {
  const char* name = sigabbrev_np(signal);
  return name == nullptr ? "" : std::string(" (SIG") + name + ")";
}

struct Describe {
  std::string operator()(const Exited& ended) const {
    return "exit code " + std::to_string(ended.code);
  }
  std::string operator()(const Signaled& killed) const {
    return "killed by signal " + std::to_string(killed.signal) + name_of_signal(killed.signal);
  }
  std::string operator()(const TimedOut&) const { return "timed out"; }
  std::string operator()(const Cancelled&) const { return "cancelled"; }
  std::string operator()(const CouldNotStart& failure) const {
    return "could not start: " + failure.reason;
  }
  std::string operator()(const Lost& loss) const { return "lost: " + loss.reason; }
};

}  // namespace

Status status_of(const Outcome& outcome) { return std::visit(StatusOf{}, outcome); }

std::string_view kind_of(const Outcome& outcome) { return std::visit(KindOf{}, outcome); }

std::string describe(const Outcome& outcome) { return std::visit(Describe{}, outcome); }

}  // namespace jci
