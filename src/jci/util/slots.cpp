// SPDX-License-Identifier: MIT
#include "jci/util/slots.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace jci {
namespace asio = boost::asio;

Awaitable<Slots::Slot> Slots::take() {
  if (free_ > 0) {
    --free_;
    co_return Slot(*this);
  }
  asio::steady_timer turn(co_await asio::this_coro::executor,
                          asio::steady_timer::time_point::max());
  waiting_.push_back(&turn);
  co_await turn.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return Slot(*this);
}

std::optional<Slots::Slot> Slots::try_take() {
  if (free_ == 0) return std::nullopt;
  --free_;
  return Slot(*this);
}

void Slots::give_back() {
  if (waiting_.empty()) {
    ++free_;
    return;
  }
  waiting_.front()->cancel();  // hands the slot on
  waiting_.pop_front();
}

}  // namespace jci
