// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <vector>

#include "jci/core/pipeline.hpp"
#include "jci/core/status.hpp"

namespace jci {

/// Which job may run now. Pure data: starts nothing, knows no clock and no thread. O(jobs + edges) for a whole run, but for the
/// ready queue's logarithm.
///
/// The rules: stages run in order, and a stage starts once every job of the one before has passed (a service: is up).
/// Inside a stage a job is ready when all its parents have passed. A job that ends badly takes with it (SKIPPED) its
/// descendants and all later stages; the other jobs of its stage go on. Of the ready jobs the one with the
/// longest chain of dependants below it comes first, then the one declared first.
///
/// The pipeline must outlive the plan.
class Plan {
 public:
  explicit Plan(const Pipeline& pipeline);

  /// The next job to start, or nothing if none may start now. Each job is handed out once.
  std::optional<JobId> take_ready();

  /// A service that was taken is up: its dependants and its stage may go on. It is still running. Calling it twice is fine.
  void service_up(JobId job);

  /// A taken job ended as `status` (final). Returns the jobs that will therefore never run, in order of declaration.
  /// For a service that was up: a bad status skips its waiting descendants and all later stages.
  std::vector<JobId> finished(JobId job, Status status);

  /// The first job that will be ready once `job`, which was taken, has passed (a service: is up) and that waits for nothing else; nothing where
  /// there is none. It may be skipped all the same.
  std::optional<JobId> next_after(JobId job) const;

  /// As `next_after`, but a promise: that job is the first to be handed out when `job`, which runs or was promised itself, has passed, and
  /// nothing but a bad end of `job` or of those before it skips it, not even `give_up`. Not made where other jobs are ready, which would have to wait for it, or where a service could
  /// still take it along.
  std::optional<JobId> promise_after(JobId job);

  /// No promised job is handed out any more, either.
  void break_promises();

  /// No job that has not been taken will ever be handed out: returns them in order of declaration, to be marked SKIPPED.
  std::vector<JobId> give_up();

  /// Nothing is left to hand out, and every taken job has finished or is a service that is up.
  bool done() const { return unsettled_ == 0; }

  /// Why `job` has not been handed out: "waits for `build`", "waits for stage `Pipeline`", "ready", "taken", "skipped: `build` failed", ...
  std::string why_waiting(JobId job) const;

 private:
  enum class Want : std::uint8_t { wait, promised, ready, taken, up, finished, skipped };
  // Small, and its edges apart in one array: there may be 100,000 of them.
  struct Node {
    Want want = Want::wait;
    Status ended = Status::pending;  // for finished: how
    bool swept = false;              // its descendants have been skipped
    std::uint32_t waiting_for = 0;   // parents not yet passed
    std::uint32_t below = 0;         // length of the longest chain of dependants
    JobId blamed = 0;                // for skipped: the job whose end caused it, or k_interrupted
  };

  void list_children();
  void measure_chains();
  std::span<const JobId> children_of(JobId job) const;
  void open_stages();
  void make_ready(JobId job);
  void keep_promises(JobId job);
  void break_promises_after(JobId job);
  bool has_ready();
  void settle(JobId job);
  void pass_on(JobId job);
  void skip(JobId job, JobId blamed, std::vector<JobId>& skipped);
  void skip_descendants(JobId blamed, std::vector<JobId>& skipped);
  void skip_later_stages(JobId blamed, std::vector<JobId>& skipped);
  std::string why_skipped(JobId blamed) const;
  std::string parents_awaited(const Job& job) const;

  const Pipeline* pipeline_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t>
      first_child_;  // of job j: children_[first_child_[j]] up to children_[first_child_[j + 1]]
  std::vector<JobId> children_;
  std::vector<std::uint32_t>
      stage_unsettled_;        // jobs of each stage that are not yet up, finished or skipped
  std::size_t unsettled_ = 0;  // their sum
  StageId next_stage_ = 0;     // the first that has not been opened
  StageId first_barred_ =
      0;  // from here on all stages are skipped: a job of an earlier one ended badly
  std::priority_queue<std::uint64_t>
      ready_;  // urgency and job in one number; may hold jobs that have been skipped since
  std::vector<JobId> due_;  // promised ones whose turn has come
  bool has_services_ = false;
};

}  // namespace jci
