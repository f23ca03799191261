// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/base_env.hpp"
#include "jci/core/event.hpp"
#include "jci/core/job.hpp"
#include "jci/core/outcome.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/core/stop.hpp"
#include "jci/util/async.hpp"

namespace jci {

class StartedSupervisor;

/// What an executor learns about the run it serves.
struct RunContext {
  const Pipeline* pipeline = nullptr;  ///< all that will be asked for; outlives the run
  RunInfo info;
  std::filesystem::path workspace;  ///< exists; every job's working directory
  BaseEnv base_env;  ///< `base_env.of(job)`: what a job gets of it, with its own env laid over that
  Milliseconds grace = std::chrono::seconds(5);  ///< between asking a job to stop and killing it
  Milliseconds poll_interval = std::chrono::seconds(10);  ///< for executors that have to ask
  /// Whether the run called so, of this user on this machine, still goes on. Empty: nobody knows. What is labelled with a run that
  /// does not may be swept up.
  std::function<bool(const std::string& pipe_id)> is_alive = {};
  /// Names this user's History, where those runs are kept; empty where this run itself is not.
  std::string owner = {};
  /// Tells the user, while the run goes on, what is no job's fault (see Warning). Empty: nobody listens.
  std::function<void(std::string_view message)> warn = {};
  /// Whether the user has asked for the run to end. Empty: he cannot.
  std::function<bool()> interrupted = {};
  /// The job that will be asked for next where `job`, which runs, passes; null where nobody knows. Empty: nobody ever does.
  std::function<const Job*(const Job& job)> next_after = {};
  /// As `next_after`, but a promise: where `job` passes, the job returned is asked for at once, and whatever else happens. So it may have
  /// been started by then. `job` itself may have been promised, and wait. Not made (null) where anything else may still keep it from running.
  std::function<const Job*(const Job& job)> promise_next = {};
  /// Has been started for this run, before anybody knew whether it would be needed (executors/shell.hpp). Null: nothing has.
  std::shared_ptr<StartedSupervisor> supervisor = {};
  /// How long the job called so took when it last passed; nothing where that is not known. Empty: it is of no job.
  std::function<std::optional<Nanoseconds>(const Job& job)> took_before = {};
};

/// Where a running job tells what it does. Belongs to the engine; valid until `run` has returned.
class JobSink {
 public:
  virtual ~JobSink() = default;
  /// The job cannot start yet; see JobWaits. Only before `started`.
  virtual void waits(std::string_view /*what*/) {}
  /// The job runs from now on; `run_id` names it for people (container id, pid). Called once, before any output.
  virtual void started(std::string_view run_id) = 0;
  /// The service can be used. Only for services; called after `started`.
  virtual void ready() = 0;
  /// Bytes as they come.
  virtual void output(Stream stream, std::string_view bytes) = 0;
};

/// How a job ended, as the executor knows it.
struct JobResult {
  Outcome outcome;
  std::optional<Nanoseconds> took =
      std::nullopt;  ///< where the executor knows better than the engine's clock
  std::string report =
      {};  ///< the first k_report_bytes of `<job name>.txt`, empty if there is none
  std::string image_digest = {};  ///< of what ran, where there are images: "sha256:..."
};

/// Runs jobs. `open` once; then `run` any number of times, at once; then `close` once, also after a failed `open`.
/// All calls come from the engine thread, but that of `tidy`; an executor that must block has its own thread.
class Executor {
 public:
  virtual ~Executor() = default;

  /// "shell", "mock", ...: the name `jci run --executor` takes.
  virtual std::string_view name() const = 0;

  /// Throws BadConfig where this executor can never run `job` (such as a service without a command where there are no images).
  /// Called for every job before `open`.
  virtual void check(const Job& /*job*/) const {}

  /// How many jobs may sensibly run at once where the user says nothing. 0: any number.
  virtual std::size_t default_parallel() const { return 0; }

  /// Gets ready for a run. Throws TriggerFailed. Cancelled where the user asks for the end meanwhile; `close` and `tidy` follow all the same.
  virtual Awaitable<> open(const RunContext& context) = 0;

  /// Runs `job` to its end and says how it ended. Returns only after the job's last byte of output is in `sink`
  /// and nothing that the job started is left. `stop` raised: ends the job that hard and returns Cancelled.
  /// Never throws for what the job does; an exception is this executor's own failure, and the job is then Lost.
  virtual Awaitable<JobResult> run(const Job& job, JobSink& sink, StopSignal& stop) = 0;

  /// Frees all that `open` took and that a next run could miss. Safe after a failed `open`.
  virtual Awaitable<> close() = 0;

  /// Where files that jobs wrote can be read which match one of `patterns`, relative to it: the Workspace, unless it is out of reach for
  /// us. Called between a job's end and the telling of it. Throws std::exception for people.
  virtual Awaitable<std::filesystem::path> files_of_jobs(
      const std::vector<std::string>& /*patterns*/, std::filesystem::path workspace) {
    co_return workspace;
  }

  /// Removes what need not be gone before the user is told how the run went, such as containers; after `close`, on a thread of its own while
  /// the report is made. Returns, for people, what could not be removed. Does not throw.
  virtual Awaitable<std::vector<std::string>> tidy() { co_return std::vector<std::string>(); }

  /// The names of jobs in the order in which the engine started them.
  const std::vector<std::string>& execution_order() const { return order_; }
  /// For the engine: `job` is being started; `forget_order` at the start of a run.
  void record_start(const Job& job) { order_.push_back(job.name); }
  void forget_order() { order_.clear(); }

 private:
  std::vector<std::string> order_;
};

}  // namespace jci
