// SPDX-License-Identifier: MIT
#include "watchdog.hpp"

#include <pthread.h>
#include <unistd.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

namespace jci::python {
namespace {

constexpr std::chrono::seconds k_second_chance(2);
constexpr std::chrono::milliseconds k_time_to_dump(500);

class Watchdog {
 public:
  explicit Watchdog(std::chrono::milliseconds limit)
      : watched_(pthread_self()), thread_([this, limit] { watch(limit); }) {}
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    news_.notify_one();
    thread_.join();
  }

 private:
  void watch(std::chrono::milliseconds limit) {
    if (stopped_within(limit)) return;
    pthread_kill(watched_, k_hang_signal);
    if (stopped_within(k_second_chance)) return;
    say("jci: error: the config hangs, and cannot be interrupted; it is here:\n");
    pthread_kill(watched_, k_dump_signal);
    if (stopped_within(k_time_to_dump)) return;
    _exit(2);
  }

  bool stopped_within(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, time, [this] { return stopped_; });
  }

  static void say(std::string_view line) {
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;  // nobody to tell
  }

  pthread_t watched_;
  std::mutex mutex_;
  std::condition_variable news_;
  bool stopped_ = false;
  std::thread thread_;
};

std::unique_ptr<Watchdog> the_watchdog;

// A forked child has no such thread to join, now or when it exits.
void forget_in_child() { static_cast<void>(the_watchdog.release()); }

}  // namespace

void start_watching(std::chrono::milliseconds limit) {
  pthread_atfork(nullptr, nullptr, &forget_in_child);
  the_watchdog = std::make_unique<Watchdog>(limit);
}

bool is_watching() { return the_watchdog != nullptr; }

void stop_watching() { the_watchdog.reset(); }

}  // namespace jci::python
