// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <type_traits>
#include <utility>

#include "jci/util/async.hpp"

namespace jci {

/// Runs `work`, which may block, on a thread of its own, and gives what it returns or throws; the loop goes on meanwhile. It cannot be
/// cancelled: `work` must have a deadline.
template <class Work>
Awaitable<std::invoke_result_t<Work&>> on_other_thread(Work work) {
  constexpr auto call = [](Work& what) -> Awaitable<std::invoke_result_t<Work&>> {
    co_return what();
  };
  boost::asio::thread_pool thread(1);
  // Nor must it hear of that: Asio would emit the signal over there while it is destroyed here.
  auto deaf = boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(),
                                                  boost::asio::use_awaitable);
  auto result = boost::asio::co_spawn(thread, call(work), std::move(deaf));
  co_return co_await std::move(result);
}

}  // namespace jci
