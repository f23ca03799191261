// SPDX-License-Identifier: MIT
#include "jci/engine/publisher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <variant>

#include "jci/core/errors.hpp"
#include "jci/util/assert.hpp"

namespace jci {
namespace {

using Clock = std::chrono::steady_clock;

// Keeps a remote that answers at once from taking a processor away from the jobs.
constexpr Milliseconds k_shortest_interval{100};
// A run that is over sooner publishes only its end.
constexpr Milliseconds k_first_progress{300};
// Of patience: how many moments there are in it.
constexpr int k_moments = 50;
constexpr Milliseconds k_longest_wait = std::chrono::minutes(1);

/// Half of it is left to chance: many runs whose server comes back must not ask it all at once.
Milliseconds with_jitter(Milliseconds wait) {
  thread_local std::minstd_rand random(std::random_device{}());
  const auto half = wait.count() / 2;
  return Milliseconds(half + std::uniform_int_distribution<Milliseconds::rep>(0, half)(random));
}

}  // namespace

Pace::Time Pace::out_of_patience(Time end, std::optional<Time> failing_since) const {
  const Time since = failing_since.value_or(end);
  return std::clamp(since + patience, end + patience / k_moments, end + patience);
}

struct Publisher::Thread {
  enum class Outcome { done, failed_for_now, failed };

  Thread(std::shared_ptr<Reporter> its_reporter, Remote& its_remote, Pace its_pace,
         std::function<PipelineView()> its_now, Safekeeping its_safe)
      : reporter(std::move(its_reporter)),
        remote(its_remote),
        pace(its_pace),
        now(std::move(its_now)),
        safe(std::move(its_safe)),
        worker([this] { work(); }) {}

  void work() {
    attempt([this] { remote.open(); });
    publish_progress();
    if (last) publish_last();
    passing.clear();  // what was not delivered stays so, even if it closes well
    attempt([this] { remote.close(); });
    const std::scoped_lock lock(mutex);
    ended = true;
    changed.notify_all();
  }

  void publish_progress() {
    Clock::time_point next = Clock::now() + k_first_progress;
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return news || ending; });
      changed.wait_until(lock, std::max(next, not_before), [this] { return ending; });
      if (ending) return;
      news = false;
      lock.unlock();
      const Outcome outcome = attempt([this] {
        // The final report is `end`'s, which knows more: logs, warnings.
        const PipelineView view = now();
        if (!is_final(view.status) && remote.wants(view)) publish(reporter->render(view), view);
      });
      next = Clock::now() + std::max(pace.interval, k_shortest_interval);
      lock.lock();
      if (outcome == Outcome::failed) {
        changed.wait(lock, [this] { return ending; });
        return;
      }
    }
  }

  void publish_last() {
    bool wanted = false;
    const Outcome rendered = attempt([&] {
      wanted = remote.wants(*last);
      if (wanted) result.report = reporter->render(*last);
    });
    if (rendered != Outcome::done || !wanted) return;
    keep();
    // What the remote asked for while the jobs ran still counts; how often it failed then does not.
    tries = 0;
    if (!asked_to_wait) not_before = {};
    for (;;) {
      if (not_before > out_of_patience) break;
      std::this_thread::sleep_until(not_before);
      const Outcome outcome = attempt([this] { publish(result.report, *last); });
      result.delivered = outcome == Outcome::done;
      if (outcome != Outcome::failed_for_now) return drop();
    }
    result.may_be_later = true;
    result.kept = !kept.empty();
  }

  void keep() {
    try {
      if (safe.keep) kept = safe.keep(remote, result.report, last->status);
    } catch (const std::exception& error) {
      result.problems.push_back(fmt::format("the report for remote `{}` is not kept for later: {}",
                                            remote.name(), error.what()));
    }
  }

  void drop() {
    if (!kept.empty()) safe.drop(kept);
  }

  void publish(const std::string& report, const PipelineView& view) {
    remote.publish(report, view);
    tries = 0;
    not_before = {};
    forget_passing();
  }

  template <class Action>
  Outcome attempt(const Action& action) {
    std::string what;
    bool may_pass = false;
    std::optional<Milliseconds> asked;
    begin_attempt();
    try {
      action();
      end_failing();
      return Outcome::done;
    } catch (const RemoteApiFailed& error) {
      what = error.what();
      may_pass = error.may_pass;
      asked = error.retry_after;
    } catch (const std::exception& error) {
      what = error.what();
    } catch (...) {
      what = "an unknown exception";
    }
    if (!may_pass) end_failing();  // it has answered
    wait_for_next_try(asked);
    note(fmt::format("the report was not published by remote `{}`: {}", remote.name(), what),
         may_pass);
    return may_pass ? Outcome::failed_for_now : Outcome::failed;
  }

  void begin_attempt() {
    const std::scoped_lock lock(mutex);
    if (!failing_since) failing_since = Clock::now();
  }

  void end_failing() {
    const std::scoped_lock lock(mutex);
    failing_since.reset();
  }

  void wait_for_next_try(std::optional<Milliseconds> asked) {
    const auto doubled = pace.first_wait * (std::int64_t{1} << std::min(tries++, 16));
    const Milliseconds wait = with_jitter(std::min<Milliseconds>(doubled, k_longest_wait));
    asked_to_wait = asked.has_value();
    not_before = Clock::now() + std::max(wait, asked.value_or(wait));
  }

  // A failure is said once, however often it happens, and one that has passed not at all.
  void note(std::string problem, bool may_pass) {
    forget_passing();
    if (may_pass) passing = problem;
    if (std::ranges::find(result.problems, problem) == result.problems.end())
      result.problems.push_back(std::move(problem));
  }

  void forget_passing() {
    std::erase(result.problems, passing);
    passing.clear();
  }

  void end(std::shared_ptr<const PipelineView> with) {
    const std::scoped_lock lock(mutex);
    JCI_ASSERT(!ending);
    last = std::move(with);
    ending = true;
    out_of_patience = pace.out_of_patience(Clock::now(), failing_since);
    changed.notify_all();
  }

  void join() {
    {
      std::unique_lock lock(mutex);
      if (!changed.wait_until(lock, out_of_patience, [this] { return ended; })) {
        lock.unlock();
        remote.interrupt();
      }
    }
    worker.join();
  }

  const std::shared_ptr<Reporter> reporter;
  Remote& remote;
  const Pace pace;
  const std::function<PipelineView()> now;
  const Safekeeping safe;

  // The worker's until it has ended.
  Result result;
  std::string kept;     // the final report's name in safekeeping
  std::string passing;  // the problem among these that may pass
  int tries = 0;        // that failed, in a row
  Clock::time_point not_before{};
  bool asked_to_wait = false;  // by the remote

  std::mutex mutex;
  std::condition_variable changed;
  bool news = false;
  bool ending = false;
  bool ended = false;
  Clock::time_point out_of_patience{};  // set by `end`, once
  std::optional<Clock::time_point>
      failing_since;  // the first try of those under way or in vain for now
  std::shared_ptr<const PipelineView> last;

  std::thread worker;  // the last member: it uses all the others
};

Publisher::Publisher(std::shared_ptr<Reporter> reporter, Remote& remote, Pace pace,
                     std::function<PipelineView()> now, Safekeeping safe)
    : thread_(std::make_unique<Thread>(std::move(reporter), remote, pace, std::move(now),
                                       std::move(safe))) {}

Publisher::~Publisher() {
  if (!thread_->worker.joinable()) return;
  if (!thread_->ending) thread_->end(nullptr);
  thread_->join();
}

void Publisher::on_event(const Event& event) {
  if (!std::holds_alternative<JobStarted>(event) && !std::holds_alternative<ServiceUp>(event) &&
      !std::holds_alternative<JobFinished>(event)) {
    return;
  }
  const std::scoped_lock lock(thread_->mutex);
  if (std::exchange(thread_->news, true)) return;  // it knows already
  thread_->changed.notify_all();
}

void Publisher::end(std::shared_ptr<const PipelineView> last) { thread_->end(std::move(last)); }

Publisher::Result Publisher::join() {
  thread_->join();
  return std::move(thread_->result);
}

}  // namespace jci
