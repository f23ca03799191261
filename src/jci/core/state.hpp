// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jci/core/outcome.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/core/results.hpp"
#include "jci/core/status.hpp"

namespace jci {

using WallTime = std::chrono::system_clock::time_point;
using Nanoseconds = std::chrono::nanoseconds;

/// How one job goes; written by the engine only.
struct JobState {
  Status status = Status::pending;
  std::string run_id;  ///< the executor's name for it: container id, pid; empty until it runs
  std::optional<WallTime> started_at;
  std::optional<Nanoseconds> took;  ///< set when it has ended
  std::optional<Outcome> outcome;   ///< set when it has ended; a skipped job has none
  std::string report;               ///< what it wrote to `<job name>.txt`, at most k_report_bytes
  std::optional<Nanoseconds> up_after = std::nullopt;  ///< a service: how long it took to be ready
  std::string image_digest = {};  ///< of the image that ran; empty where there are none
  std::optional<TestResults> tests = std::nullopt;
  std::optional<Coverage> coverage = std::nullopt;
  std::vector<std::string> warnings = {};
};

inline constexpr std::size_t k_report_bytes = 256;

/// The state of all jobs of a run, indexed by JobId.
using JobStates = std::vector<JobState>;

/// Of a stage, from how its jobs stand; SKIPPED where nothing worse happened than that jobs were skipped.
Status stage_status(std::span<const Status> jobs);
/// Of a run: the same, but that where jobs were skipped and none ended badly, it was interrupted: CANCELLED.
Status overall_status(std::span<const Status> jobs);

/// PENDING before the first job has started, RUNNING while any job can still change, then the worst of its jobs: FAILED, TIMEOUT,
/// CANCELLED, else PASSED. No jobs: PASSED. A service that is up is PASSED already (see Status). Where jobs were skipped and none
/// ended badly, the run was interrupted: CANCELLED.
Status overall_status(const Pipeline& pipeline, const JobStates& states);
/// The same for one stage; SKIPPED where nothing worse happened than that jobs were skipped.
Status stage_status(const Pipeline& pipeline, const Stage& stage, const JobStates& states);

}  // namespace jci
