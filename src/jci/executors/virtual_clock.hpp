// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

#include "jci/util/async.hpp"

namespace jci {

/// A clock whose time passes only when its io_context has nothing else to do: it then jumps to the earliest end of a sleep.
/// No wall time is spent. Sleepers whose time has come wake in the order of their ends, then in that of falling asleep.
///
/// One per io_context, which owns it as it owns all that is suspended in it; used on its thread only.
class VirtualClock final : public boost::asio::execution_context::service {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  using key_type = VirtualClock;
  inline static boost::asio::execution_context::id id;
  static constexpr Nanoseconds k_forever = Nanoseconds::max();

  /// One coroutine's place to sleep. `wake` ends its sleep now, and each one it would begin later.
  class Sleeper {
    friend VirtualClock;
    std::pair<Nanoseconds, std::uint64_t> key_{};  // in `sleepers_` while it sleeps
    bool asleep_ = false;
    bool woken_ = false;
  };

  static VirtualClock& of(const boost::asio::any_io_executor& executor);
  explicit VirtualClock(boost::asio::execution_context& owner) : service(owner) {}

  Nanoseconds now() const { return now_; }
  /// Sleeps until `end` or until `wake`. `sleeper` stays where it is meanwhile.
  Awaitable<> sleep(Sleeper& sleeper, Nanoseconds end);
  void wake(Sleeper& sleeper);

 private:
  using Key = std::pair<Nanoseconds, std::uint64_t>;
  using Token = boost::asio::use_awaitable_t<>;
  using Resume = boost::asio::async_result<Token, void()>::handler_type;
  struct Sleeping {
    Sleeper* sleeper;
    Resume resume;
  };

  void shutdown() noexcept override { sleepers_.clear(); }
  Key key_for(Nanoseconds end) { return {std::max(end, now_), ++count_}; }
  void post_tick();
  void tick();
  void wake_due();

  boost::asio::any_io_executor executor_;
  std::map<Key, Sleeping> sleepers_;  // by end, then by order of falling asleep
  Nanoseconds now_{0};
  std::uint64_t count_ = 0;
  bool tick_posted_ = false;
};

}  // namespace jci
