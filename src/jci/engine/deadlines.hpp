// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "jci/core/job.hpp"

namespace jci {

/// Calls back when a job's time is over. One timer for all jobs, armed for the earliest deadline: a job that ends in time costs one
/// heap entry and no timer of its own. A deadline of a job that has ended meanwhile is reported too; the owner knows better.
class Deadlines {
 public:
  using Clock = std::chrono::steady_clock;

  Deadlines(boost::asio::io_context& io, std::function<void(JobId)> over)
      : timer_(io), over_(std::move(over)) {}

  void add(JobId job, Milliseconds timeout) {
    const auto at = Clock::now() + std::min(timeout, k_longest);
    const bool earliest = heap_.empty() || at < heap_.top().first;
    heap_.emplace(at, job);
    if (earliest) arm();
  }

  /// Nothing is called any more.
  void stop() {
    heap_ = {};
    timer_.cancel();
  }

 private:
  using Entry = std::pair<Clock::time_point, JobId>;
  static constexpr Milliseconds k_longest =
      std::chrono::hours(24 * 365);  // keeps time arithmetic from overflowing

  void arm() {
    timer_.expires_at(heap_.top().first);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) expire();
    });
  }

  void expire() {
    while (!heap_.empty() && heap_.top().first <= Clock::now()) {
      const JobId job = heap_.top().second;
      heap_.pop();
      over_(job);
    }
    if (!heap_.empty()) arm();
  }

  boost::asio::steady_timer timer_;
  std::function<void(JobId)> over_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
};

}  // namespace jci
