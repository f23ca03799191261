// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jci/core/executor.hpp"

namespace jci {

class VirtualClock;

/// What a job does on a MockExecutor. Times are virtual and count from the job's start.
struct MockScript {
  Outcome outcome = Exited{0};
  Nanoseconds duration{0};  ///< above the job's timeout: the job ends then, as TimedOut
  std::vector<std::pair<Stream, std::string>> output =
      {};                   ///< written at the start, chunk by chunk
  std::string report = {};  ///< as if in `<job name>.txt`; cut like it

  // A service runs until it is told to stop. One whose outcome is no success dies with it after `duration`.
  Nanoseconds ready_after{0};  ///< never, if the service dies before or then
  std::optional<Nanoseconds> dies_after =
      std::nullopt;  ///< the service ends by itself then, with `outcome`
};

/// One job that was started.
struct MockRun {
  std::string job;
  Nanoseconds start{0};  ///< virtual, since `open`
  Nanoseconds end{0};
  Outcome outcome = Exited{0};

  bool operator==(const MockRun&) const = default;
};

/// Runs nothing, but does as scripted: for tests of pipelines. A job without a script passes at once. Time is virtual (see VirtualClock):
/// a pipeline of hours takes milliseconds, and its jobs start and end in the same order every time.
///
/// Watches its caller: a call that the contract of Executor forbids throws std::logic_error naming the call.
class MockExecutor final : public Executor {
 public:
  /// `job` is a name as declared or as cleaned; the last script wins. Takes effect when the job starts.
  void script(std::string_view job, MockScript script);

  /// Makes the next `open` throw TriggerFailed with `reason`.
  void fail_open(std::string reason) { open_failure_ = std::move(reason); }

  /// Of the last or current run, in the order in which jobs started. A job that could not start is in it. `end` and `outcome` mean
  /// something once the job has ended.
  const std::vector<MockRun>& runs() const { return runs_; }

  std::string_view name() const override { return "mock"; }
  Awaitable<> open(const RunContext& context) override;
  Awaitable<JobResult> run(const Job& job, JobSink& sink, StopSignal& stop) override;
  Awaitable<> close() override;

 private:
  enum class Phase { closed, open, failed };

  const MockScript& script_of(const Job& job) const;
  std::size_t begin_run(const Job& job);
  JobResult end_run(std::size_t run, Outcome outcome, std::string report);

  std::unordered_map<std::string, MockScript> scripts_;
  std::vector<MockRun> runs_;
  std::vector<bool> was_run_;  // by JobId
  std::optional<std::string> open_failure_;
  VirtualClock* clock_ = nullptr;  // while open; belongs to the io_context
  Nanoseconds opened_at_{0};
  std::size_t running_ = 0;
  Phase phase_ = Phase::closed;
};

}  // namespace jci
