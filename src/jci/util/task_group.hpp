// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <list>

#include "jci/util/async.hpp"
#include "jci/util/latch.hpp"

namespace jci {

/// Coroutines that go on beside their starter, on the same thread. Its owner must not end before `join` has returned.
class TaskGroup {
 public:
  explicit TaskGroup(const boost::asio::any_io_executor& executor) : executor_(executor) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// `task` has to handle its own failures; an exception of a cancelled one is expected, any other is a bug.
  void spawn(Awaitable<> task);
  /// Cancels, in Asio's way, what runs now.
  void cancel();
  /// Returns when none is left.
  Awaitable<> join();

 private:
  boost::asio::any_io_executor executor_;
  std::list<boost::asio::cancellation_signal> running_;
  Latch* empty_ = nullptr;  // of a `join` that waits
};

}  // namespace jci
