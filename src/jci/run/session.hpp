// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "jci/core/executor.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/core/remote.hpp"
#include "jci/core/repo.hpp"
#include "jci/core/reporter.hpp"
#include "jci/core/view.hpp"

namespace jci::run {

/// What a config chose. Null, or none: the default (see ARCHITECTURE.md, "Defaults").
struct Choices {
  std::shared_ptr<Repo> repo;
  std::vector<std::shared_ptr<Remote>> remotes;
  std::shared_ptr<Executor> executor;
  std::shared_ptr<Reporter> reporter;
  Milliseconds poll_interval = std::chrono::seconds(
      10);  ///< least time between two in-progress reports, and of asking executors
  std::size_t max_parallel = 0;  ///< 0: the command line's, else the executor's default
};

/// One execution of one pipeline: from the declaration to the report. Puts the rooms together, for Python and C++ configs alike.
class Session {
 public:
  /// Picks the defaults. Cheap: reads the environment, opens nothing but the repository.
  /// Throws BadConfig (not a git repository, no commit yet, unknown --executor).
  explicit Session(Choices choices);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const std::shared_ptr<Repo>& repo() const;
  const std::vector<std::shared_ptr<Remote>>& remotes() const;
  const std::shared_ptr<Executor>& executor() const;
  const std::shared_ptr<Reporter>& reporter() const;
  const std::string& pipe_id() const;

  /// Runs the pipeline to its end on this thread (under `jci plan`: prints it and returns PENDING): progress on stderr, the report on stdout, History kept,
  /// remote told. Once per session. Throws BadConfig and TriggerFailed; a failed pipeline is a Status.
  Status run(const Pipeline& pipeline);

  /// The state of things now. Safe from any thread, also while `run` is busy.
  PipelineView view(const Pipeline& pipeline) const;
  /// Without stages, jobs and times.
  PipelineView view_of_commit() const;
  JobStates states(const Pipeline& pipeline) const;
  JobState state_of(const Job& job) const;

  /// 0 passed, 1 failed, 130 interrupted (Ctrl-C, SIGTERM).
  int exit_code() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jci::run
