// SPDX-License-Identifier: MIT
#include "jci/history/view.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jci/core/pipeline.hpp"
#include "jci/history/log_reader.hpp"
#include "jci/history/sweep.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_tail_lines = 20;
constexpr std::uint64_t k_tail_bytes = 16 * 1024;

Status status_in(const JobRow& job, bool interrupted) {
  if (!interrupted || is_final(job.state.status)) return job.state.status;
  return job.state.status == Status::running ? Status::cancelled : Status::skipped;
}

std::optional<Nanoseconds> elapsed(const JobState& state, Status status, WallTime now) {
  if (state.took || !state.started_at || status == Status::cancelled) return state.took;
  return std::max(Nanoseconds{0}, std::chrono::duration_cast<Nanoseconds>(now - *state.started_at));
}

class Rebuilt {
 public:
  Rebuilt(const RunRow& run, fs::path logs, bool interrupted, WallTime now)
      : run_(run), logs_(std::move(logs)), interrupted_(interrupted), now_(now) {}

  PipelineView of(const std::vector<JobRow>& jobs) && {
    tell_commit();
    for (const auto& job : jobs) stage_of(job).jobs.push_back(view_of(job, jobs));
    // It comes first, however late its first job was declared.
    std::ranges::stable_partition(
        view_.stages, [](const StageView& stage) { return stage.name == k_default_stage; });
    tell_statuses();
    tell_times();
    return std::move(view_);
  }

 private:
  void tell_commit() {
    const RunInfo& info = run_.info;
    view_.pipe_id = info.pipe_id;
    view_.sha = info.sha;
    view_.branch = info.branch;
    view_.remote = info.remote;
    view_.commit_message = info.commit_message;
    view_.author_name = info.author_name;
    view_.author_email = info.author_email;
  }

  StageView& stage_of(const JobRow& job) {
    const auto found = std::ranges::find(view_.stages, job.stage, &StageView::name);
    if (found != view_.stages.end()) return *found;
    view_.stages.push_back({.name = job.stage, .status = Status::pending, .jobs = {}});
    return view_.stages.back();
  }

  JobView view_of(const JobRow& row, const std::vector<JobRow>& jobs) const {
    const JobState& state = row.state;
    JobView job;
    job.name = row.name;
    job.status = status_in(row, interrupted_);
    job.is_service = row.is_service;
    job.image = row.image;
    job.run_id = state.run_id;
    job.elapsed = elapsed(state, job.status, now_);
    job.outcome = state.outcome;
    job.report = state.report;
    for (const JobId parent : row.depends_on)
      if (parent < jobs.size()) job.depends_on.push_back(jobs[parent].name);
    job.up_after = state.up_after;
    job.started_at = state.started_at;
    job.tests = state.tests;
    job.coverage = state.coverage;
    job.warnings = state.warnings;
    if (is_bad(job.status) && job.status != Status::skipped)
      job.log_tail = log_tail(logs_, job.name, k_tail_lines, k_tail_bytes);
    return job;
  }

  void tell_statuses() {
    for (auto& stage : view_.stages) {
      std::vector<Status> jobs;
      for (const auto& job : stage.jobs) jobs.push_back(job.status);
      stage.status = stage_status(jobs);
    }
    view_.status = interrupted_ ? Status::cancelled : run_.status;
  }

  /// From the first start to the last end, as `snapshot` measures.
  void tell_times() {
    std::optional<WallTime> end;
    for (const auto& stage : view_.stages) {
      for (const auto& job : stage.jobs) {
        if (!job.started_at) continue;
        view_.started_at = std::min(view_.started_at.value_or(*job.started_at), *job.started_at);
        const auto ended = *job.started_at + std::chrono::duration_cast<WallTime::duration>(
                                                 job.elapsed.value_or(Nanoseconds{0}));
        end = std::max(end.value_or(ended), ended);
      }
    }
    if (!is_final(view_.status)) end = now_;
    if (view_.started_at && end)
      view_.elapsed = std::max(Nanoseconds{0},
                               std::chrono::duration_cast<Nanoseconds>(*end - *view_.started_at));
  }

  const RunRow& run_;
  fs::path logs_;
  bool interrupted_;
  WallTime now_;
  PipelineView view_;
};

/// How the run before ended, of the same repository and branch.
std::optional<Status> status_before(Store& store, const RunRow& run) {
  auto runs = store.runs({.repo_root = run.info.repo_root,
                          .branch = run.info.branch,
                          .started_before = run.started_at});
  for (const auto& before : runs)
    if (!before.interrupted && is_final(before.status)) return before.status;
  return std::nullopt;
}

}  // namespace

PipelineView view_of(Store& store, const RunRow& run, const fs::path& state, WallTime now) {
  const bool interrupted = was_interrupted(state, run);
  auto view =
      Rebuilt(run, run_directory(state, run.info.pipe_id), interrupted, now).of(store.jobs(run));
  view.before = status_before(store, run);
  return view;
}

}  // namespace jci::history
