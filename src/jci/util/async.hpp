// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/awaitable.hpp>

namespace jci {

/// What a coroutine of the engine thread returns. All of a run's coroutines share one `io_context`
/// and so one thread: they need no locks among themselves.
template <class T = void>
using Awaitable = boost::asio::awaitable<T>;

}  // namespace jci
