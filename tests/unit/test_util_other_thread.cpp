// SPDX-License-Identifier: MIT
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "jci/util/other_thread.hpp"
#include "jci/util/task_group.hpp"

namespace jci {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class OtherThread : public ::testing::Test {
 protected:
  /// What `task` gives, run on this thread's loop.
  template <class T>
  T result_of(Awaitable<T> task) {
    auto result = asio::co_spawn(loop_, std::move(task), asio::use_future);
    loop_.run();
    return result.get();
  }

  asio::io_context loop_;
};

TEST_F(OtherThread, LetsTheLoopGoOn) {
  std::promise<void> turned;
  asio::post(loop_, [&] { turned.set_value(); });
  const auto wait_for_the_loop = [&] { return turned.get_future().wait_for(30s); };
  EXPECT_EQ(result_of(on_other_thread(wait_for_the_loop)), std::future_status::ready);
}

TEST_F(OtherThread, GivesTheResultBackOnTheLoopsOwn) {
  const auto here = std::this_thread::get_id();
  const auto task = [](std::thread::id mine) -> Awaitable<std::string> {
    const auto id = [] { return std::this_thread::get_id(); };
    const std::thread::id other = co_await on_other_thread(id);
    EXPECT_NE(other, mine);
    EXPECT_EQ(std::this_thread::get_id(), mine);
    co_return "back";
  };
  EXPECT_EQ(result_of(task(here)), "back");
}

TEST_F(OtherThread, PassesAnExceptionOn) {
  const auto fail = []() -> int { throw std::runtime_error("no such helper"); };
  EXPECT_THROW(result_of(on_other_thread(fail)), std::runtime_error);
}

TEST_F(OtherThread, LetsACancelledTaskEndOnlyAfterTheWork) {
  bool worked = false;
  std::promise<void> begun;
  std::promise<void> cancelled;
  const auto work = [&] {
    begun.set_value();
    cancelled.get_future().wait_for(30s);
    worked = true;
  };
  TaskGroup tasks(loop_.get_executor());
  tasks.spawn(on_other_thread(work));
  loop_.poll();
  begun.get_future().wait();
  tasks.cancel();
  cancelled.set_value();
  loop_.restart();
  asio::co_spawn(loop_, tasks.join(), asio::use_future);
  loop_.run();
  EXPECT_TRUE(worked);
}

}  // namespace
}  // namespace jci
