// SPDX-License-Identifier: MIT
#include "jci/engine/publisher.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

namespace jci {
namespace {

using Clock = std::chrono::steady_clock;

// Keeps a remote that answers at once from taking a processor away from the jobs.
constexpr Milliseconds k_shortest_interval{100};
// A run that is over sooner publishes only its end.
constexpr Milliseconds k_first_progress{300};

}  // namespace

struct Publisher::Thread {
  Thread(Reporter& its_reporter, Remote& its_remote, Milliseconds its_interval,
         std::function<PipelineView()> its_now)
      : reporter(its_reporter),
        remote(its_remote),
        interval(std::max(its_interval, k_shortest_interval)),
        now(std::move(its_now)),
        worker([this] { work(); }) {}

  void work() {
    attempt([this] { remote.open(); });
    Clock::time_point next = Clock::now() + k_first_progress;
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return news || ending; });
      if (!ending) changed.wait_until(lock, next, [this] { return ending; });
      if (ending) break;
      news = false;
      lock.unlock();
      if (problems.empty()) attempt([this] { publish_progress(now()); });
      next = Clock::now() + interval;
      lock.lock();
    }
    lock.unlock();
    if (last) attempt([this] { publish(*last); });
    attempt([this] { remote.close(); });
  }

  void end(std::optional<PipelineView> with) {
    {
      const std::scoped_lock lock(mutex);
      last = std::move(with);
      ending = true;
    }
    changed.notify_one();
    worker.join();
  }

  // The final report is `finish`'s, which knows more: logs, warnings.
  void publish_progress(const PipelineView& view) {
    if (!is_final(view.status)) publish(view);
  }

  void publish(const PipelineView& view) { remote.publish(reporter.render(view), view.status); }

  // A failure is said once, however often it happens.
  template <class Action>
  void attempt(Action action) {
    std::string what;
    try {
      action();
      return;
    } catch (const std::exception& error) {
      what = error.what();
    } catch (...) {
      what = "an unknown exception";
    }
    std::string problem =
        fmt::format("the report was not published by remote `{}`: {}", remote.name(), what);
    if (problems.empty() || problems.back() != problem) problems.push_back(std::move(problem));
  }

  Reporter& reporter;
  Remote& remote;
  const Milliseconds interval;
  const std::function<PipelineView()> now;
  std::vector<std::string> problems;  // the worker's until it has ended

  std::mutex mutex;
  std::condition_variable changed;
  bool news = false;
  bool ending = false;
  std::optional<PipelineView> last;

  std::thread worker;  // the last member: it uses all the others
};

Publisher::Publisher(Reporter& reporter, Remote& remote, Milliseconds interval,
                     std::function<PipelineView()> now)
    : thread_(std::make_unique<Thread>(reporter, remote, interval, std::move(now))) {}

Publisher::~Publisher() {
  if (thread_->worker.joinable()) thread_->end(std::nullopt);
}

void Publisher::on_event(const Event& event) {
  if (!std::holds_alternative<JobStarted>(event) && !std::holds_alternative<ServiceUp>(event) &&
      !std::holds_alternative<JobFinished>(event)) {
    return;
  }
  const std::scoped_lock lock(thread_->mutex);
  if (std::exchange(thread_->news, true)) return;  // it knows already
  thread_->changed.notify_one();
}

std::vector<std::string> Publisher::finish(const PipelineView& last) {
  if (!thread_->worker.joinable()) return {};
  thread_->end(last);
  return std::move(thread_->problems);
}

}  // namespace jci
