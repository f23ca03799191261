// SPDX-License-Identifier: MIT
#include "jci/core/plan.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "jci/core/names.hpp"
#include "jci/util/assert.hpp"

namespace jci {
namespace {

constexpr JobId k_interrupted = std::numeric_limits<JobId>::max();

/// Greater for the job to start first: the longer chain below it, then the earlier declaration.
std::uint64_t urgency(std::uint32_t below, JobId job) {
  return (std::uint64_t{below} << 32) | (std::numeric_limits<JobId>::max() - job);
}

JobId job_of(std::uint64_t urgency) {
  return std::numeric_limits<JobId>::max() - static_cast<JobId>(urgency & 0xFFFFFFFFU);
}

}  // namespace

Plan::Plan(const Pipeline& pipeline)
    : pipeline_(&pipeline),
      nodes_(pipeline.jobs().size()),
      stage_unsettled_(pipeline.stages().size()),
      unsettled_(nodes_.size()),
      first_barred_(static_cast<StageId>(pipeline.stages().size())) {
  list_children();
  measure_chains();
  has_services_ = std::ranges::any_of(pipeline.jobs(), &Job::is_service);
  for (const auto& stage : pipeline.stages())
    stage_unsettled_[stage.id] = static_cast<std::uint32_t>(stage.jobs.size());
  open_stages();
}

std::optional<JobId> Plan::take_ready() {
  JobId job = 0;
  if (!due_.empty()) {
    job = due_.back();
    due_.pop_back();
  } else if (has_ready()) {
    job = job_of(ready_.top());
    ready_.pop();
  } else {
    return std::nullopt;
  }
  nodes_[job].want = Want::taken;
  return job;
}

/// Whether the first of `ready_` is that indeed.
bool Plan::has_ready() {
  while (!ready_.empty() && nodes_[job_of(ready_.top())].want != Want::ready) ready_.pop();
  return !ready_.empty();
}

void Plan::service_up(JobId job) {
  JCI_ASSERT(pipeline_->jobs()[job].is_service());
  if (nodes_[job].want != Want::taken) return;
  nodes_[job].want = Want::up;
  settle(job);
  pass_on(job);
}

std::vector<JobId> Plan::finished(JobId job, Status status) {
  Node& node = nodes_[job];
  JCI_ASSERT((node.want == Want::taken || node.want == Want::up) && is_final(status));
  const bool was_up = node.want == Want::up;
  node.want = Want::finished;
  node.ended = status;
  if (!was_up) settle(job);
  std::vector<JobId> skipped;
  if (is_bad(status)) {
    break_promises_after(job);
    skip_descendants(job, skipped);
    skip_later_stages(job, skipped);
    std::ranges::sort(skipped);
  } else if (!was_up) {
    keep_promises(job);
    pass_on(job);
  }
  return skipped;
}

std::optional<JobId> Plan::next_after(JobId job) const {
  std::uint64_t first = 0;
  for (const JobId child : children_of(job)) {
    const Node& node = nodes_[child];
    if (node.want == Want::wait && node.waiting_for == 1)
      first = std::max(first, urgency(node.below, child));
  }
  return first == 0 ? std::nullopt : std::optional(job_of(first));
}

std::optional<JobId> Plan::promise_after(JobId job) {
  if (has_services_ || has_ready()) return std::nullopt;
  const std::optional<JobId> next = next_after(job);
  if (next) nodes_[*next].want = Want::promised;
  return next;
}

void Plan::keep_promises(JobId job) {
  for (const JobId child : children_of(job))
    if (nodes_[child].want == Want::promised) due_.push_back(child);
}

/// Nor is what was promised to follow the ones promised to follow `job`.
void Plan::break_promises_after(JobId job) {
  std::vector<JobId> broken = {job};
  while (!broken.empty()) {
    const JobId parent = broken.back();
    broken.pop_back();
    for (const JobId child : children_of(parent)) {
      if (nodes_[child].want != Want::promised) continue;
      nodes_[child].want = Want::wait;
      broken.push_back(child);
    }
  }
}

void Plan::break_promises() {
  due_.clear();
  for (Node& node : nodes_)
    if (node.want == Want::promised) node.want = Want::wait;
}

std::vector<JobId> Plan::give_up() {
  std::vector<JobId> skipped;
  first_barred_ = std::min(first_barred_, next_stage_);
  for (JobId job = 0; job < nodes_.size(); ++job) skip(job, k_interrupted, skipped);
  return skipped;
}

std::string Plan::why_waiting(JobId job) const {
  const Node& node = nodes_[job];
  const Job& declared = pipeline_->jobs()[job];
  switch (node.want) {
    case Want::wait:
    case Want::promised:
      if (declared.stage < next_stage_) return "waits for " + parents_awaited(declared);
      return "waits for stage " + ticked(pipeline_->stages()[next_stage_ - 1].name);
    case Want::ready:
      return "ready";
    case Want::taken:
      return "taken";
    case Want::up:
      return "up";
    case Want::finished:
      return "finished";
    case Want::skipped:
      return "skipped: " + why_skipped(node.blamed);
  }
  std::unreachable();
}

/// Turns "depends on" round, into two flat arrays.
void Plan::list_children() {
  first_child_.resize(nodes_.size() + 1);
  for (const auto& job : pipeline_->jobs()) {
    nodes_[job.id].waiting_for = static_cast<std::uint32_t>(job.depends_on.size());
    for (const JobId parent : job.depends_on) ++first_child_[parent + 1];
  }
  for (std::size_t job = 0; job < nodes_.size(); ++job) first_child_[job + 1] += first_child_[job];

  children_.resize(first_child_.back());
  auto next = first_child_;
  for (const auto& job : pipeline_->jobs())
    for (const JobId parent : job.depends_on) children_[next[parent]++] = job.id;
}

/// Children are declared after their parents: going backwards, each job's own chain is known when its parents look at it.
void Plan::measure_chains() {
  const auto& jobs = pipeline_->jobs();
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
    for (const JobId parent : job->depends_on)
      nodes_[parent].below = std::max(nodes_[parent].below, nodes_[job->id].below + 1);
  }
}

std::span<const JobId> Plan::children_of(JobId job) const {
  return std::span(children_).subspan(first_child_[job], first_child_[job + 1] - first_child_[job]);
}

void Plan::open_stages() {
  while (next_stage_ < first_barred_ &&
         (next_stage_ == 0 || stage_unsettled_[next_stage_ - 1] == 0)) {
    for (const JobId job : pipeline_->stages()[next_stage_++].jobs)
      if (nodes_[job].waiting_for == 0) make_ready(job);
  }
}

void Plan::make_ready(JobId job) {
  nodes_[job].want = Want::ready;
  ready_.push(urgency(nodes_[job].below, job));
}

/// `job` holds up nothing any more.
void Plan::settle(JobId job) {
  --unsettled_;
  --stage_unsettled_[pipeline_->jobs()[job].stage];
}

/// `job` has passed, or is up: what waited for it may go on.
void Plan::pass_on(JobId job) {
  for (const JobId child : children_of(job)) {
    Node& node = nodes_[child];
    if (--node.waiting_for == 0 && node.want == Want::wait) make_ready(child);
  }
  open_stages();
}

/// Does nothing to a job that was handed out or skipped before.
void Plan::skip(JobId job, JobId blamed, std::vector<JobId>& skipped) {
  Node& node = nodes_[job];
  if (node.want != Want::wait && node.want != Want::ready) return;
  node.want = Want::skipped;
  node.blamed = blamed;
  settle(job);
  skipped.push_back(job);
}

/// Goes through descendants that run or have ended as well: after a service that was up there may be some, and others below
/// them. No job is swept twice, so that all sweeps of a run together are O(jobs + edges).
void Plan::skip_descendants(JobId blamed, std::vector<JobId>& skipped) {
  std::vector<JobId> to_sweep = {blamed};
  while (!to_sweep.empty()) {
    const JobId job = to_sweep.back();
    to_sweep.pop_back();
    if (std::exchange(nodes_[job].swept, true)) continue;
    for (const JobId child : children_of(job)) {
      skip(child, blamed, skipped);
      to_sweep.push_back(child);
    }
  }
}

void Plan::skip_later_stages(JobId blamed, std::vector<JobId>& skipped) {
  const StageId first = pipeline_->jobs()[blamed].stage + 1;
  for (StageId stage = first; stage < first_barred_; ++stage)
    for (const JobId job : pipeline_->stages()[stage].jobs) skip(job, blamed, skipped);
  first_barred_ = std::min(first_barred_, first);
}

std::string Plan::why_skipped(JobId blamed) const {
  if (blamed == k_interrupted) return "the run ended before its turn";
  const auto name = ticked(pipeline_->jobs()[blamed].name);
  switch (nodes_[blamed].ended) {
    case Status::timeout:
      return name + " timed out";
    case Status::cancelled:
      return name + " was cancelled";
    case Status::skipped:
      return name + " was skipped";
    default:
      return name + " failed";
  }
}

/// "`a`, `b`"; a long list is cut: "`a`, `b`, `c` and 4 more".
std::string Plan::parents_awaited(const Job& job) const {
  constexpr std::size_t k_named = 3;
  std::string awaited;
  std::size_t count = 0;
  for (const JobId parent : job.depends_on) {
    const Node& node = nodes_[parent];
    if (node.want == Want::up || node.want == Want::finished) continue;
    if (++count <= k_named)
      awaited += (count == 1 ? "" : ", ") + ticked(pipeline_->jobs()[parent].name);
  }
  return count <= k_named ? awaited : awaited + " and " + std::to_string(count - k_named) + " more";
}

}  // namespace jci
