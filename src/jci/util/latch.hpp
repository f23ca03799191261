// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "jci/util/async.hpp"

namespace jci {

/// Something that happens once, awaited by any number of coroutines of one thread.
class Latch {
 public:
  explicit Latch(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  bool is_open() const { return open_; }

  void open() {
    open_ = true;
    timer_.cancel();
  }

  /// Returns when it is open, or when the wait is cancelled.
  Awaitable<> wait() {
    if (!open_) co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }

 private:
  bool open_ = false;
  boost::asio::steady_timer timer_;  // never expires: cancelling it wakes all
};

/// Returns when the first of the two is open.
Awaitable<> wait_for_either(Latch& one, Latch& other);

}  // namespace jci
