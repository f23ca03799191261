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

Status stage_status(std::span<const Status> jobs) {
  Tally tally;
  for (const Status job : jobs) tally.add(job);
  return tally.sum();
}

Status overall_status(std::span<const Status> jobs) {
  // Jobs are skipped because of one that ended badly, or because the run was interrupted.
  const Status sum = stage_status(jobs);
  return sum == Status::skipped ? Status::cancelled : sum;
}

Status overall_status(const Pipeline& pipeline, const JobStates& states) {
  std::vector<Status> jobs;
  jobs.reserve(pipeline.jobs().size());
  for (const auto& job : pipeline.jobs()) jobs.push_back(states[job.id].status);
  return overall_status(jobs);
}

Status stage_status(const Pipeline&, const Stage& stage, const JobStates& states) {
  std::vector<Status> jobs;
  jobs.reserve(stage.jobs.size());
  for (const JobId job : stage.jobs) jobs.push_back(states[job].status);
  return stage_status(jobs);
}

}  // namespace jci
