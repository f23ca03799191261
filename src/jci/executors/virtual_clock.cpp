// SPDX-License-Identifier: MIT
#include "jci/executors/virtual_clock.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace jci {
namespace {

// A handler that is pending may post another, which starts a job: each tick is behind one more of such a row. Time passes
// after this many ticks in which nothing was heard of anybody.
constexpr int k_quiet_ticks = 4;

}  // namespace

VirtualClock& VirtualClock::of(const boost::asio::any_io_executor& executor) {
  auto& context = boost::asio::query(executor, boost::asio::execution::context);
  auto& clock = boost::asio::use_service<VirtualClock>(context);
  clock.executor_ = executor;
  return clock;
}

Awaitable<> VirtualClock::sleep(Sleeper& sleeper, Nanoseconds end) {
  return boost::asio::async_initiate<const Token&, void()>(
      [this, &sleeper, end](Resume resume) {
        sleeper.key_ = key_for(sleeper.woken_ ? now_ : end);
        sleeper.asleep_ = true;
        sleepers_.emplace(sleeper.key_, Sleeping{&sleeper, std::move(resume)});
        hold();
        post_tick();
      },
      boost::asio::use_awaitable);
}

void VirtualClock::wake(Sleeper& sleeper) {
  sleeper.woken_ = true;
  if (!sleeper.asleep_) return;
  auto sleeping = sleepers_.extract(sleeper.key_);
  sleeping.key() = sleeper.key_ = key_for(now_);
  sleepers_.insert(std::move(sleeping));
  // Not resumed from here: the caller is in the middle of something, and may be what the coroutine destroys next.
  hold();
  post_tick();
}

void VirtualClock::hold() { quiet_ticks_ = 0; }

void VirtualClock::post_tick() {
  if (std::exchange(tick_posted_, true)) return;
  boost::asio::post(executor_, [this] { tick(); });
}

void VirtualClock::tick() {
  tick_posted_ = false;
  if (sleepers_.empty()) return;
  const auto earliest = sleepers_.begin()->first.first;
  if (earliest == k_forever) return;
  if (earliest > now_ && ++quiet_ticks_ > k_quiet_ticks) now_ = earliest;
  if (earliest <= now_) {
    hold();
    wake_due();
  }
  post_tick();
}

/// Those that fall asleep meanwhile wait for the next tick, so that other handlers of the io_context get their turn.
void VirtualClock::wake_due() {
  const Key end{now_, count_};
  while (!sleepers_.empty() && sleepers_.begin()->first <= end) {
    auto woken = sleepers_.extract(sleepers_.begin());
    woken.mapped().sleeper->asleep_ = false;
    std::move(woken.mapped().resume)();
  }
}

}  // namespace jci
