// SPDX-License-Identifier: MIT
#include "jci/executors/virtual_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace jci {

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
  post_tick();
}

void VirtualClock::post_tick() {
  if (std::exchange(tick_posted_, true)) return;
  boost::asio::post(executor_, [this] { tick(); });
}

void VirtualClock::tick() {
  auto& loop = static_cast<boost::asio::io_context&>(context());
  // Whatever is pending, and whatever that leads to, happens before any time passes.
  loop.poll();
  tick_posted_ = false;
  if (sleepers_.empty() || sleepers_.begin()->first.first == k_forever) return;
  if (!loop.stopped()) {
    now_ = std::max(now_, sleepers_.begin()->first.first);
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
