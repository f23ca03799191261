// SPDX-License-Identifier: MIT
#include "jci/executors/mock.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <stdexcept>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/executors/virtual_clock.hpp"

namespace jci {
namespace {

/// When and how a job ends unless it is stopped, and when it is ready; counted from its start.
struct Course {
  Nanoseconds end = VirtualClock::k_forever;
  Outcome outcome;
  std::optional<Nanoseconds> ready;
};

Course course_of_service(const MockScript& script) {
  Course course{VirtualClock::k_forever, script.outcome, std::nullopt};
  if (status_of(script.outcome) != Status::passed) course.end = script.duration;
  if (script.dies_after) course.end = *script.dies_after;
  if (script.ready_after < course.end) course.ready = script.ready_after;
  return course;
}

Course course_of(const Job& job, const MockScript& script) {
  if (job.is_service()) return course_of_service(script);
  if (script.duration > job.timeout()) return {job.timeout(), TimedOut{}, std::nullopt};
  return {script.duration, script.outcome, std::nullopt};
}

[[noreturn]] void out_of_order(const std::string& call, const std::string& why) {
  throw std::logic_error("MockExecutor: `" + call + "` " + why);
}

}  // namespace

void MockExecutor::script(std::string_view job, MockScript script) {
  scripts_.insert_or_assign(clean_name(job), std::move(script));
}

Awaitable<> MockExecutor::open(const RunContext&) {
  if (phase_ != Phase::closed) out_of_order("open", "is called twice without `close` in between");
  runs_.clear();
  was_run_.clear();
  phase_ = Phase::failed;
  if (const auto reason = std::exchange(open_failure_, std::nullopt)) throw TriggerFailed(*reason);
  clock_ = &VirtualClock::of(co_await boost::asio::this_coro::executor);
  opened_at_ = clock_->now();
  phase_ = Phase::open;
}

Awaitable<JobResult> MockExecutor::run(const Job& job, JobSink& sink, StopSignal& stop) {
  const std::size_t run = begin_run(job);
  const MockScript& script = script_of(job);
  if (std::holds_alternative<CouldNotStart>(script.outcome))
    co_return end_run(run, script.outcome, {});

  const Course course = course_of(job, script);
  const std::string report = script.report.substr(0, k_report_bytes);
  sink.started("mock-" + std::to_string(run + 1));
  for (const auto& [stream, bytes] : script.output) sink.output(stream, bytes);

  VirtualClock::Sleeper sleeper;
  stop.listen([this, &sleeper](StopLevel) { clock_->wake(sleeper); });
  const auto stopped = [&stop] { return stop.level() != StopLevel::none; };
  const auto start = clock_->now();
  if (course.ready) {
    if (*course.ready > Nanoseconds{0}) co_await clock_->sleep(sleeper, start + *course.ready);
    if (!stopped()) sink.ready();
  }
  const auto end = course.end == VirtualClock::k_forever ? course.end : start + course.end;
  if (end > clock_->now() && !stopped()) co_await clock_->sleep(sleeper, end);
  stop.listen({});
  co_return end_run(run, stopped() ? Outcome(Cancelled{}) : course.outcome, report);
}

Awaitable<> MockExecutor::close() {
  if (phase_ == Phase::closed) out_of_order("close", "is called though it is not open");
  if (running_ > 0) out_of_order("close", "is called while jobs run");
  phase_ = Phase::closed;
  clock_ = nullptr;
  co_return;
}

const MockScript& MockExecutor::script_of(const Job& job) const {
  static const MockScript passes_at_once;
  const auto found = scripts_.find(job.name);
  return found == scripts_.end() ? passes_at_once : found->second;
}

/// The new run's place in `runs_`.
std::size_t MockExecutor::begin_run(const Job& job) {
  if (phase_ != Phase::open)
    out_of_order("run(" + job.name + ")", "is called though it is not open");
  if (job.id >= was_run_.size())
    was_run_.resize(std::max<std::size_t>(job.id + 1, was_run_.size() * 2));
  if (was_run_[job.id]) out_of_order("run(" + job.name + ")", "is called twice in one run");
  was_run_[job.id] = true;
  ++running_;
  const auto now = clock_->now() - opened_at_;
  runs_.push_back({job.name, now, now, Exited{0}});
  return runs_.size() - 1;
}

JobResult MockExecutor::end_run(std::size_t run, Outcome outcome, std::string report) {
  --running_;
  MockRun& record = runs_[run];
  record.end = clock_->now() - opened_at_;
  record.outcome = outcome;
  return {std::move(outcome), record.end - record.start, std::move(report)};
}

}  // namespace jci
