// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <thread>

#include "jci/core/errors.hpp"
#include "jci/remotes/mock.hpp"
#include "views.hpp"

namespace jci {
namespace {

using Published = std::vector<MockRemote::Published>;

TEST(MockRemote, KeepsWhatWasPublishedInOrder) {
  MockRemote remote("main", "abc");
  remote.publish("so far", test::view_with(Status::running));
  remote.publish("all", test::view_with(Status::passed));
  EXPECT_EQ(remote.published(), (Published{{"so far", Status::running}, {"all", Status::passed}}));
  EXPECT_EQ(remote.branch(), "main");
  EXPECT_EQ(remote.sha(), "abc");
}

TEST(MockRemote, FailsAsOftenAsScriptedAndKeepsNothingOfIt) {
  MockRemote remote("main", "abc");
  remote.fail(2, "rate limit");
  for (int i = 0; i < 2; ++i) {
    try {
      remote.publish("lost", test::view_with(Status::running));
      ADD_FAILURE() << "did not fail";
    } catch (const RemoteApiFailed& error) {
      EXPECT_STREQ(error.what(), "rate limit");
    }
  }
  remote.publish("kept", test::view_with(Status::passed));
  EXPECT_EQ(remote.published(), (Published{{"kept", Status::passed}}));
}

TEST(MockRemote, CanBeReadWhileAnotherThreadPublishes) {
  MockRemote remote("main", "abc");
  std::thread publisher([&] {
    for (int i = 0; i < 1000; ++i) remote.publish("r", test::view_with(Status::running));
  });
  for (int i = 0; i < 100; ++i) EXPECT_LE(remote.published().size(), 1000U);
  publisher.join();
  EXPECT_EQ(remote.published().size(), 1000U);
}

}  // namespace
}  // namespace jci
