// SPDX-License-Identifier: MIT
#include "jci/engine/engine.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/core/plan.hpp"
#include "jci/engine/deadlines.hpp"
#include "jci/engine/masking.hpp"
#include "jci/engine/signals.hpp"
#include "jci/results/results.hpp"
#include "jci/util/assert.hpp"
#include "jci/util/other_thread.hpp"

namespace jci {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr int k_started_at_once = 256;

WallTime wall_now() { return std::chrono::system_clock::now(); }

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an unknown exception";
  }
}

}  // namespace

struct Engine::Loop {
  // One job between its start and its end.
  struct Running final : JobSink {
    Running(Loop& owner, const Job& its_job) : loop(owner), job(its_job) {}

    void waits(std::string_view what) override { loop.tell(JobWaits{job, what, wall_now()}); }
    void started(std::string_view run_id) override { loop.on_started(*this, run_id); }
    void ready() override { loop.on_ready(*this); }
    void output(Stream stream, std::string_view bytes) override {
      if (!masks) return loop.tell(JobOutput{job, stream, bytes});
      if (const std::string safe = masks->of(stream).take(bytes); !safe.empty())
        loop.tell(JobOutput{job, stream, safe});
    }

    // What its masks hold back is no secret after all.
    void end_output() {
      if (!masks) return;
      for (const Stream stream : {Stream::out, Stream::err})
        if (const std::string rest = masks->of(stream).finish(); !rest.empty())
          loop.tell(JobOutput{job, stream, rest});
    }

    Loop& loop;
    const Job& job;
    StopSignal stop;
    std::unique_ptr<OutputMasks> masks =
        loop.secrets->empty() ? nullptr : std::make_unique<OutputMasks>(*loop.secrets);
    Clock::time_point begun = Clock::now();
    bool up = false;         // a service that is ready
    bool timed_out = false;  // stopped by its own deadline
  };

  Loop(const Pipeline& its_pipeline, Executor& its_executor, RunContext its_context,
       std::size_t its_limit)
      : pipeline(its_pipeline),
        executor(its_executor),
        context(std::move(its_context)),
        limit(its_limit),
        plan(its_pipeline),
        states(its_pipeline.jobs().size()) {
    context.warn = [this](std::string_view message) { warn(message); };
    context.interrupted = [this] { return interruption != StopLevel::none; };
    context.next_after = [this](const Job& job) -> const Job* {
      const std::optional<JobId> next = plan.next_after(job.id);
      return next ? &pipeline.jobs()[*next] : nullptr;
    };
    context.promise_next = [this](const Job& job) { return promise_next(job); };
  }

  // --- the life of a run ---

  Status run() {
    for (const Job& job : pipeline.jobs()) executor.check(job);
    executor.forget_order();
    const KeepSignalHandlers keep;
    asio::signal_set signals(io);
    for (const int signal : k_interrupting_signals) signals.add(signal);
    listen(signals);

    begun = Clock::now();
    tell(RunStarted{pipeline, context.info, wall_now()});
    std::exception_ptr failure;
    asio::co_spawn(io, drive(signals), [this, &failure](const std::exception_ptr& error) {
      failure = error;
      io.stop();  // an observer's timer must not hold the run up
    });
    io.run();

    const Status status = failure ? Status::failed : overall_status(pipeline, states);
    finished = true;
    tell(RunFinished{status, wall_now(), Clock::now() - begun});
    if (failure) std::rethrow_exception(failure);
    return status;
  }

  Awaitable<> drive(asio::signal_set& signals) {
    std::exception_ptr failure;
    try {
      co_await open();
      start_ready();
      if (!over()) co_await until_over();
    } catch (...) {
      failure = std::current_exception();
      plan.break_promises();
      skip(plan.give_up());
    }
    co_await executor.close();
    deadlines.stop();
    signals.cancel();
    if (failure) std::rethrow_exception(failure);
  }

  // A user who wants the end before anything has started need not wait for it.
  Awaitable<> open() {
    try {
      auto token = asio::bind_cancellation_slot(opening.slot(), asio::use_awaitable);
      auto opened = asio::co_spawn(io, executor.open(context), std::move(token));
      co_await std::move(opened);
    } catch (...) {
      if (interruption == StopLevel::none) throw;
    }
  }

  bool over() const { return plan.done() && running.empty(); }

  std::vector<std::string> tidy() {
    std::vector<std::string> problems;
    io.restart();
    asio::co_spawn(io, executor.tidy(),
                   [&](const std::exception_ptr& error, std::vector<std::string> told) {
                     problems = std::move(told);
                     if (error) problems.push_back(text_of(error));
                     io.stop();  // what the run has left in the loop is nobody's business any more
                   });
    io.run();
    return problems;
  }

  Awaitable<> until_over() {
    all_ended.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code woken;
    co_await all_ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }

  // --- the life of a job ---

  // Start what may start. Called after each event that may have made a job ready.
  void start_ready() {
    if (!more_to_start) start_some();
    if (plan.done()) stop_services();
    if (over()) all_ended.cancel();
  }

  // Some at a time: however many are ready, the loop hears of signals and of jobs that have ended meanwhile, whose memory the next ones take.
  void start_some() {
    for (int started = 0; limit == 0 || counted < limit; ++started) {
      if (started == k_started_at_once) {
        more_to_start = true;
        asio::post(io, [this] {
          more_to_start = false;
          start_ready();
        });
        return;
      }
      const std::optional<JobId> id = plan.take_ready();
      if (!id) return;
      start(pipeline.jobs()[*id]);
    }
  }

  // Not where files of `job` are read after its end, which the next one could change meanwhile.
  const Job* promise_next(const Job& job) {
    if (interruption != StopLevel::none || results::are_wanted(job)) return nullptr;
    const std::optional<JobId> next = plan.promise_after(job.id);
    return next ? &pipeline.jobs()[*next] : nullptr;
  }

  void start(const Job& job) {
    executor.record_start(job);
    if (!job.is_service()) ++counted;
    Running& run = *running.emplace(job.id, std::make_unique<Running>(*this, job)).first->second;
    asio::co_spawn(io,
                   results::are_wanted(job) ? run_and_read(run) : executor.run(job, run, run.stop),
                   [this, &run](const std::exception_ptr& error, JobResult result) {
                     if (error) result.outcome = Lost{text_of(error)};
                     on_ended(run, std::move(result));
                   });
    // Its turn had been promised before.
    if (interruption != StopLevel::none) raise_later(job.id, interruption);
  }

  Awaitable<JobResult> run_and_read(Running& run) {
    JobResult result = co_await executor.run(run.job, run, run.stop);
    if (!std::holds_alternative<Exited>(result.outcome)) co_return result;
    const results::Wanted wanted = results::wanted_by(run.job);
    results::Found found;
    try {
      const auto files = co_await executor.files_of_jobs(wanted.patterns(), context.workspace);
      auto reading = on_other_thread([&] { return results::read(wanted, files); });
      found = co_await std::move(reading);
    } catch (const std::exception& error) {
      found.warnings.emplace_back(error.what());
    }
    jci::mask(found, *secrets);
    if (const auto before = coverage_before.find(run.job.name);
        found.coverage && before != coverage_before.end())
      found.coverage->before = before->second;
    const std::scoped_lock lock(states_mutex);
    JobState& state = states[run.job.id];
    state.tests = std::move(found.tests);
    state.coverage = found.coverage;
    state.warnings = std::move(found.warnings);
    co_return result;
  }

  void on_started(Running& run, std::string_view run_id) {
    const WallTime now = wall_now();
    run.begun = Clock::now();
    {
      const std::scoped_lock lock(states_mutex);
      JobState& state = states[run.job.id];
      state.status = Status::running;
      state.run_id = run_id;
      state.started_at = now;
    }
    if (!run.job.is_service()) deadlines.add(run.job.id, run.job.timeout());
    tell(JobStarted{run.job, run_id, now});
  }

  void on_ready(Running& run) {
    if (run.up || !run.job.is_service()) return;
    run.up = true;
    const Nanoseconds took = Clock::now() - run.begun;
    {
      const std::scoped_lock lock(states_mutex);
      JobState& state = states[run.job.id];
      state.status = Status::passed;
      state.up_after = took;
    }
    tell(ServiceUp{run.job, wall_now(), took});
    plan.service_up(run.job.id);
    // Not at once: this is inside the executor's coroutine, which has more to say.
    asio::post(io, [this] { start_ready(); });
  }

  void on_ended(Running& run, JobResult result) {
    const Job& job = run.job;
    run.end_output();
    jci::mask(result, *secrets);
    if (run.timed_out && std::holds_alternative<Cancelled>(result.outcome))
      result.outcome = TimedOut{};
    const bool stopped_service = run.up && std::holds_alternative<Cancelled>(result.outcome);
    const Status status = stopped_service ? Status::passed : status_of(result.outcome);
    {
      const std::scoped_lock lock(states_mutex);
      JobState& state = states[job.id];
      state.status = status;
      if (state.started_at) state.took = result.took.value_or(Clock::now() - run.begun);
      state.outcome = std::move(result.outcome);
      state.report = std::move(result.report);
      state.image_digest = std::move(result.image_digest);
    }
    if (!job.is_service()) --counted;
    running.erase(job.id);
    tell(JobFinished{job, states[job.id], wall_now()});
    skip(plan.finished(job.id, status));
    start_ready();
  }

  void skip(const std::vector<JobId>& jobs) {
    for (const JobId id : jobs) {
      {
        const std::scoped_lock lock(states_mutex);
        states[id].status = Status::skipped;
      }
      tell(JobFinished{pipeline.jobs()[id], states[id], wall_now()});
    }
  }

  // --- stopping ---

  void on_deadline(JobId id) {
    const auto found = running.find(id);
    if (found == running.end()) return;  // ended in time
    found->second->timed_out = true;
    found->second->stop.raise(StopLevel::stop);
  }

  void stop_services() {
    for (auto& [id, run] : running)
      if (run->job.is_service()) raise_later(id, StopLevel::stop);
  }

  void listen(asio::signal_set& signals) {
    signals.async_wait([this, &signals](const boost::system::error_code& error, int) {
      // One that came as the run ended is heard while it is tidied up, when `signals` is gone.
      if (error || finished) return;
      interrupt();
      listen(signals);
    });
  }

  void interrupt() {
    interruption = interruption == StopLevel::none ? StopLevel::stop : StopLevel::kill;
    skip(plan.give_up());
    for (auto& [id, run] : running) raise_later(id, interruption);
    start_ready();
    opening.emit(asio::cancellation_type::terminal);
  }

  // Never from within a loop over `running`: a job may end, and so leave it, while it hears of the signal.
  void raise_later(JobId id, StopLevel level) {
    asio::post(io, [this, id, level] {
      if (const auto found = running.find(id); found != running.end())
        found->second->stop.raise(level);
    });
  }

  // What an executor still has to say while it tidies up comes too late: RunFinished is the last event.
  void warn(std::string_view message) {
    if (!finished) tell(Warning{secrets->masked(message), wall_now()});
  }

  void tell(const Event& event) {
    for (Observer* observer : observers) observer->on_event(event);
  }

  const Pipeline& pipeline;
  Executor& executor;
  RunContext context;
  std::size_t limit;
  const Masker none;
  const Masker* secrets = &none;
  std::map<std::string, double> coverage_before;  // by job
  Plan plan;
  std::vector<Observer*> observers;

  mutable std::mutex states_mutex;  // the engine thread alone writes; others read under it
  JobStates states;

  asio::io_context io{1};  // one thread: no locking inside
  asio::steady_timer all_ended{io};
  asio::cancellation_signal opening;  // of the executor
  Deadlines deadlines{io, [this](JobId id) { on_deadline(id); }};
  std::unordered_map<JobId, std::unique_ptr<Running>> running;
  std::size_t counted = 0;  // running jobs that are no services
  Clock::time_point begun;
  bool more_to_start = false;                // `start_ready` is posted
  StopLevel interruption = StopLevel::none;  // by the user
  bool finished = false;
};

Engine::Engine(const Pipeline& pipeline, Executor& executor, RunContext context,
               std::size_t max_parallel)
    : loop_(std::make_unique<Loop>(pipeline, executor, std::move(context), max_parallel)) {}

Engine::~Engine() = default;

void Engine::observe(Observer& observer) { loop_->observers.push_back(&observer); }

void Engine::mask(const Masker& secrets) { loop_->secrets = &secrets; }

void Engine::compare_coverage(std::map<std::string, double> before) {
  loop_->coverage_before = std::move(before);
}

boost::asio::any_io_executor Engine::loop() { return loop_->io.get_executor(); }

Status Engine::run() { return loop_->run(); }

std::vector<std::string> Engine::tidy() { return loop_->tidy(); }

bool Engine::interrupted() const { return loop_->interruption != StopLevel::none; }

void Engine::look_at_states(const std::function<void(const JobStates&)>& look) const {
  const std::scoped_lock lock(loop_->states_mutex);
  look(loop_->states);
}

JobState Engine::state_of(JobId job) const {
  const std::scoped_lock lock(loop_->states_mutex);
  return loop_->states.at(job);
}

}  // namespace jci
