// SPDX-License-Identifier: MIT
#include "jci/util/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <iterator>
#include <utility>

#include "jci/util/assert.hpp"

namespace jci {
namespace asio = boost::asio;
namespace {

bool is_cancellation(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& thrown) {
    return thrown.code() == asio::error::operation_aborted;
  } catch (const asio::multiple_exceptions& both) {  // of a wait for either of two things
    return is_cancellation(both.first_exception());
  } catch (...) {
    return false;
  }
}

}  // namespace

void TaskGroup::spawn(Awaitable<> task) {
  const auto self = running_.emplace(running_.end());
  asio::co_spawn(
      executor_, std::move(task),
      asio::bind_cancellation_slot(self->slot(), [this, self](const std::exception_ptr& error) {
        JCI_ASSERT(!error || is_cancellation(error));
        running_.erase(self);
        if (running_.empty() && empty_ != nullptr) empty_->open();
      }));
}

void TaskGroup::cancel() {
  // A task may end, and so leave the list, while it hears of this.
  for (auto task = running_.begin(); task != running_.end();)
    (task++)->emit(asio::cancellation_type::terminal);
}

Awaitable<> TaskGroup::join() {
  while (!running_.empty()) {
    Latch empty(executor_);
    empty_ = &empty;
    co_await empty.wait();
    empty_ = nullptr;
  }
}

}  // namespace jci
