// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "jci/core/outcome.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/core/status.hpp"

namespace jci {

using WallTime = std::chrono::system_clock::time_point;
using Nanoseconds = std::chrono::nanoseconds;

/// How one job goes; written by the engine only.
struct JobState {
  Status status = Status::pending;
  std::string run_id;                    ///< the executor's name for it: container id, pid; empty until it runs
  std::optional<WallTime> started_at;
  std::optional<Nanoseconds> took;       ///< set when it has ended
  std::optional<Outcome> outcome;        ///< set when it has ended; a skipped job has none
  std::string report;                    ///< what it wrote to `<job name>.txt`, at most k_report_bytes
};

inline constexpr std::size_t k_report_bytes = 256;

/// The state of all jobs of a run, indexed by JobId.
using JobStates = std::vector<JobState>;

/// RUNNING while any job can still change; else FAILED if any job ended badly (CANCELLED if the worst is a cancelled job, TIMEOUT
/// if the worst is a timeout and none failed), else PASSED. PENDING before the first job has started. No jobs: PASSED.
/// A running service counts as passed.
Status overall_status(const Pipeline& pipeline, const JobStates& states);
Status stage_status(const Pipeline& pipeline, const Stage& stage, const JobStates& states);

}  // namespace jci
