// SPDX-License-Identifier: MIT
#pragma once

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
  auto result = boost::asio::co_spawn(thread, call(work), boost::asio::use_awaitable);
  co_return co_await std::move(result);
}

}  // namespace jci
