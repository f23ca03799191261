// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "jci/core/event.hpp"
#include "jci/core/executor.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/core/state.hpp"
#include "jci/util/masker.hpp"

namespace jci {

/// Runs a pipeline's plan on an executor, and tells observers what happens.
///
/// One thread: `run` blocks its caller and does everything on it. Each job is one coroutine; around them is a loop of two
/// steps: start what may start, then take one event. While it runs, SIGINT, SIGTERM and SIGHUP are the engine's: the first one
/// asks all jobs to stop, a second one kills them. The handlers that were installed before are put back.
class Engine {
 public:
  /// `max_parallel`: jobs at once, 0 for any number; services do not count, else they could starve what needs them.
  /// All references must outlive the engine.
  Engine(const Pipeline& pipeline, Executor& executor, RunContext context,
         std::size_t max_parallel);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Before `run` only. Observers hear of events in the order in which they were added.
  void observe(Observer& observer);

  /// Before `run` only: what jobs print and write is told and kept with the words of `secrets` masked. It must outlive the engine.
  void mask(const Masker& secrets);

  /// Before `run` only: what the coverage of jobs, by their names, is compared with, in per cent.
  void compare_coverage(std::map<std::string, double> before);

  /// Where observers may put timers of their own; their work must not keep the loop alive after RunFinished.
  boost::asio::any_io_executor loop();

  /// Runs to the end: every job final, nothing left running, executor closed. Once per engine.
  /// Throws BadConfig if the executor can never run a job (nothing has started then), TriggerFailed if it could not be opened
  /// (all jobs are SKIPPED then).
  Status run();

  /// Has the executor remove what is not needed for the report. After `run`, also one that threw, on any thread; does not throw.
  /// Returns, for people, what could not be removed.
  std::vector<std::string> tidy();

  /// A signal ended the run early.
  bool interrupted() const;

  /// Shows `look` the states as they are now, without a copy: the run stands still meanwhile. Safe from any thread.
  void look_at_states(const std::function<void(const JobStates&)>& look) const;
  /// A copy of one. Safe from any thread.
  JobState state_of(JobId job) const;

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace jci
