// SPDX-License-Identifier: MIT
#include "jci/core/status.hpp"

#include <utility>

namespace jci {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::pending:
      return "PENDING";
    case Status::running:
      return "RUNNING";
    case Status::failed:
      return "FAILED";
    case Status::passed:
      return "PASSED";
    case Status::timeout:
      return "TIMEOUT";
    case Status::skipped:
      return "SKIPPED";
    case Status::cancelled:
      return "CANCELLED";
  }
  std::unreachable();
}

std::string_view in_words(Status status) {
  switch (status) {
    case Status::pending:
      return "pending";
    case Status::running:
      return "running";
    case Status::failed:
      return "failed";
    case Status::passed:
      return "passed";
    case Status::timeout:
      return "timed out";
    case Status::skipped:
      return "skipped";
    case Status::cancelled:
      return "cancelled";
  }
  return "pending";
}

std::optional<Status> status_named(std::string_view name) {
  using enum Status;
  for (const Status status : {pending, running, failed, passed, timeout, skipped, cancelled})
    if (to_string(status) == name) return status;
  return std::nullopt;
}

bool is_final(Status status) { return status != Status::pending && status != Status::running; }

bool is_bad(Status status) { return is_final(status) && status != Status::passed; }

}  // namespace jci
