// SPDX-License-Identifier: MIT
#include "jci/util/latch.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <utility>

namespace jci {

Awaitable<> wait_for_either(Latch& one, Latch& other) {
  using namespace boost::asio::experimental::awaitable_operators;
  if (one.is_open() || other.is_open()) co_return;
  auto both = one.wait() || other.wait();  // named: GCC 12 destroys temporaries of a co_await twice
  co_await std::move(both);
}

}  // namespace jci
