// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "jci/core/event.hpp"
#include "jci/core/job.hpp"
#include "jci/core/state.hpp"

namespace jci::history {

/// What is kept of a job's declaration.
struct DeclaredJob {
  JobId id = 0;
  StageId stage = 0;
  std::string name;
  std::vector<JobId> depends_on;
  std::shared_ptr<const Settings> settings;
};

struct RunBegan {
  RunInfo info;
  WallTime at;
  std::vector<std::string> stages;
  std::vector<DeclaredJob> jobs;
};

struct JobBegan {
  JobId job = 0;
  std::string run_id;
  WallTime at;
};

struct ServiceCameUp {
  JobId job = 0;
};

struct JobEnded {
  JobId job = 0;
  JobState state;
};

struct RunEnded {
  Status status = Status::pending;
  WallTime at;
};

/// What an Event leaves in the history: compact, and its own.
using Record = std::variant<std::unique_ptr<RunBegan>, JobBegan, ServiceCameUp, JobEnded, RunEnded>;

}  // namespace jci::history
