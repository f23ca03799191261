// SPDX-License-Identifier: MIT
#include "jci/core/state.hpp"

#include <algorithm>
#include <array>

namespace jci {
namespace {

/// How often each status occurs.
class Tally {
 public:
  void add(Status status) {
    ++counts_[static_cast<std::size_t>(status)];
    ++total_;
  }
  bool any(Status status) const { return counts_[static_cast<std::size_t>(status)] > 0; }
  bool all(Status status) const { return counts_[static_cast<std::size_t>(status)] == total_; }
  bool empty() const { return total_ == 0; }

  Status sum() const {
    if (empty()) return Status::passed;
    if (all(Status::pending)) return Status::pending;
    if (any(Status::pending) || any(Status::running)) return Status::running;
    constexpr std::array k_worst_first = {Status::failed, Status::timeout, Status::cancelled,
                                          Status::skipped};
    const auto* worst =
        std::ranges::find_if(k_worst_first, [&](Status status) { return any(status); });
    return worst == k_worst_first.end() ? Status::passed : *worst;
  }

 private:
  std::array<std::size_t, 7> counts_{};
  std::size_t total_ = 0;
};

}  // namespace

Status overall_status(const Pipeline& pipeline, const JobStates& states) {
  Tally tally;
  for (const auto& job : pipeline.jobs()) tally.add(states[job.id].status);
  // Jobs are skipped because of one that ended badly, or because the run was interrupted.
  return tally.sum() == Status::skipped ? Status::cancelled : tally.sum();
}

Status stage_status(const Pipeline&, const Stage& stage, const JobStates& states) {
  Tally tally;
  for (const JobId job : stage.jobs) tally.add(states[job].status);
  return tally.sum();
}

}  // namespace jci
