// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "jci/util/async.hpp"

namespace jci {

/// A number of places that coroutines of one thread take and give back; who finds none waits, first come, first served.
class Slots {
 public:
  /// A place taken; its end gives it back.
  class Slot {
   public:
    explicit Slot(Slots& slots) : slots_(&slots) {}
    Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (slots_ != nullptr) slots_->give_back();
    }

   private:
    Slots* slots_;
  };

  explicit Slots(std::size_t count) : free_(count) {}
  Awaitable<Slot> take();
  /// Nothing where that would mean to wait.
  std::optional<Slot> try_take();

 private:
  void give_back();

  std::size_t free_;
  std::deque<boost::asio::steady_timer*>
      waiting_;  // one per coroutine; cancelled when a slot is its own
};

}  // namespace jci
