// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jci/core/results.hpp"
#include "jci/core/state.hpp"

namespace jci {

/// One job in a snapshot.
struct JobView {
  std::string name;
  Status status = Status::pending;
  bool is_service = false;
  std::string image;
  std::string run_id;
  std::optional<Nanoseconds>
      elapsed;  ///< so far, or in all once it has ended; nothing before it starts
  std::optional<Outcome> outcome;
  std::string report;  ///< `<job name>.txt`, as read
  std::vector<std::string> depends_on;
  std::string log_tail;  ///< last lines of its log where it ended badly and History keeps one
  std::optional<Nanoseconds> up_after = std::nullopt;  ///< a service: how long it took to be ready
  std::optional<WallTime> started_at = std::nullopt;
  std::optional<TestResults> tests = std::nullopt;  ///< where the job names JUnit files
  std::optional<Coverage> coverage = std::nullopt;  ///< where it names a coverage file
  std::vector<std::string> warnings = {};  ///< such as a file of results that cannot be read
};

struct StageView {
  std::string name;
  Status status = Status::pending;
  std::vector<JobView> jobs;
};

/// A snapshot of a pipeline, all that a reporter may know. Plain data: safe to hand to another thread.
struct PipelineView {
  std::string pipe_id;
  std::string sha;
  std::string branch;
  std::string remote;
  std::string commit_message;
  std::string author_name;  ///< of the commit
  std::string author_email;
  Status status = Status::pending;
  std::optional<WallTime> started_at;
  Nanoseconds elapsed{0};
  std::vector<StageView>
      stages;  ///< in order; the default stage only where it has jobs, or where there is no other
  std::optional<Status> before;  ///< how the run before ended, of the same repository and branch
  std::vector<std::string>
      warnings;  ///< what people should know that is no job's fault; final reports only
};

/// Takes the snapshot of jobs and stages at `now`; the fields about the commit are those of `of_commit`.
PipelineView snapshot(const Pipeline& pipeline, const JobStates& states, WallTime now,
                      PipelineView of_commit = {});

}  // namespace jci
