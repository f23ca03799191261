// SPDX-License-Identifier: MIT
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jci/util/task_group.hpp"

namespace jci {
namespace {

namespace asio = boost::asio;

class TaskGroups : public testing::Test {
 protected:
  void join() {
    asio::co_spawn(
        context_,
        [this]() -> Awaitable<> {
          co_await group_.join();
          log_.push_back("joined");
        },
        asio::detached);
  }
  Awaitable<> wait_for(Latch& latch, std::string name) {
    co_await latch.wait();
    log_.push_back(latch.is_open() ? name : name + " cancelled");
  }

  asio::io_context context_{1};
  TaskGroup group_{context_.get_executor()};
  Latch one_{context_.get_executor()};
  Latch other_{context_.get_executor()};
  std::vector<std::string> log_;
};

TEST_F(TaskGroups, JoinWaitsForAllTasks) {
  group_.spawn(wait_for(one_, "one"));
  group_.spawn(wait_for(other_, "other"));
  join();
  other_.open();
  context_.poll();
  EXPECT_EQ(log_, (std::vector<std::string>{"other"}));
  one_.open();
  context_.run();
  EXPECT_EQ(log_, (std::vector<std::string>{"other", "one", "joined"}));
}

TEST_F(TaskGroups, JoinOfAnEmptyGroupReturnsAtOnce) {
  join();
  context_.run();
  EXPECT_EQ(log_, (std::vector<std::string>{"joined"}));
}

TEST_F(TaskGroups, CancelEndsWhatRuns) {
  group_.spawn(wait_for(one_, "one"));
  context_.poll();
  group_.cancel();
  join();
  context_.run();
  EXPECT_EQ(log_, (std::vector<std::string>{"one cancelled", "joined"}));
}

TEST_F(TaskGroups, ALatchThatIsOpenHoldsNobodyUp) {
  one_.open();
  group_.spawn(wait_for(one_, "first"));
  group_.spawn(wait_for(one_, "second"));
  context_.run();
  EXPECT_EQ(log_, (std::vector<std::string>{"first", "second"}));
}

TEST_F(TaskGroups, TheFirstOfTwoLatchesIsEnough) {
  asio::co_spawn(
      context_,
      [this]() -> Awaitable<> {
        co_await wait_for_either(one_, other_);
        log_.push_back("either");
      },
      asio::detached);
  context_.poll();
  EXPECT_TRUE(log_.empty());
  other_.open();
  context_.run();
  EXPECT_EQ(log_, (std::vector<std::string>{"either"}));
}

}  // namespace
}  // namespace jci
