// SPDX-License-Identifier: MIT
#include "jci/core/view.hpp"

#include <algorithm>
#include <utility>

namespace jci {
namespace {

Nanoseconds between(WallTime from, WallTime to) {
  // A wall clock may be set back.
  return std::max(Nanoseconds{0}, std::chrono::duration_cast<Nanoseconds>(to - from));
}

std::optional<Nanoseconds> elapsed(const JobState& state, WallTime now) {
  if (state.took || !state.started_at) return state.took;
  return between(*state.started_at, now);
}

JobView view_of(const Pipeline& pipeline, const Job& job, const JobState& state, WallTime now) {
  JobView view;
  view.name = job.name;
  view.status = state.status;
  view.is_service = job.is_service();
  view.image = job.image();
  view.run_id = state.run_id;
  view.elapsed = elapsed(state, now);
  view.started_at = state.started_at;
  view.up_after = state.up_after;
  view.tests = state.tests;
  view.coverage = state.coverage;
  view.warnings = state.warnings;
  view.outcome = state.outcome;
  view.report = state.report;
  view.depends_on.reserve(job.depends_on.size());
  for (const JobId parent : job.depends_on) view.depends_on.push_back(pipeline.jobs()[parent].name);
  return view;
}

StageView view_of(const Pipeline& pipeline, const Stage& stage, const JobStates& states,
                  WallTime now) {
  StageView view{stage.name, stage_status(pipeline, stage, states), {}};
  view.jobs.reserve(stage.jobs.size());
  for (const JobId id : stage.jobs)
    view.jobs.push_back(view_of(pipeline, pipeline.jobs()[id], states[id], now));
  return view;
}

/// From the first start to the last end, or to `now` while a job runs.
void measure(PipelineView& view, const JobStates& states, WallTime now) {
  std::optional<WallTime> end;
  for (const auto& state : states) {
    if (!state.started_at) continue;
    view.started_at = std::min(view.started_at.value_or(*state.started_at), *state.started_at);
    const auto ended =
        *state.started_at + std::chrono::duration_cast<WallTime::duration>(*elapsed(state, now));
    end = std::max(end.value_or(ended), ended);
  }
  if (!is_final(view.status)) end = now;
  if (view.started_at) view.elapsed = between(*view.started_at, *end);
}

}  // namespace

PipelineView snapshot(const Pipeline& pipeline, const JobStates& states, WallTime now,
                      PipelineView of_commit) {
  PipelineView view = std::move(of_commit);
  view.status = overall_status(pipeline, states);
  const auto& stages = pipeline.stages();
  for (const auto& stage : stages) {
    const bool shown = stage.id != 0 || !stage.jobs.empty() || stages.size() == 1;
    if (shown) view.stages.push_back(view_of(pipeline, stage, states, now));
  }
  measure(view, states, now);
  return view;
}

}  // namespace jci
