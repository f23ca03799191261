// SPDX-License-Identifier: MIT
#include "jci/core/blame.hpp"

namespace jci {
namespace {

std::string what_happened(const std::string& job, Status status) {
  switch (status) {
    case Status::timeout:
      return "`" + job + "` timed out";
    case Status::cancelled:
      return "`" + job + "` was cancelled";
    default:
      return "`" + job + "` failed";
  }
}

}  // namespace

std::string Blame::tell(std::size_t stage, const std::string& job, Status status,
                        std::span<const std::string> parents) {
  if (!is_bad(status)) return {};
  if (status == Status::skipped) {
    auto cause = cause_of(stage, parents);
    cause_by_job_.emplace(job, cause);
    return cause;
  }
  const auto cause = what_happened(job, status);
  cause_by_job_.emplace(job, cause);
  cause_by_stage_.emplace(stage, cause);
  return {};
}

std::string Blame::cause_of(std::size_t stage, std::span<const std::string> parents) const {
  for (const auto& parent : parents) {
    if (const auto found = cause_by_job_.find(parent); found != cause_by_job_.end()) {
      return found->second;
    }
  }
  const auto first = cause_by_stage_.begin();
  const bool earlier = first != cause_by_stage_.end() && first->first < stage;
  return earlier ? first->second : "the run ended before its turn";
}

}  // namespace jci
