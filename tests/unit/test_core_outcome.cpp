// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "jci/core/outcome.hpp"
#include "jci/core/status.hpp"

namespace jci {
namespace {

TEST(Outcome, OnlyExitCodeZeroPasses) {
  EXPECT_EQ(status_of(Exited{0}), Status::passed);
  EXPECT_EQ(status_of(Exited{1}), Status::failed);
  EXPECT_EQ(status_of(Signaled{15}), Status::failed);
  EXPECT_EQ(status_of(TimedOut{}), Status::timeout);
  EXPECT_EQ(status_of(Cancelled{}), Status::cancelled);
  EXPECT_EQ(status_of(CouldNotStart{"no such image"}), Status::failed);
  EXPECT_EQ(status_of(Lost{"daemon gone"}), Status::failed);
}

TEST(Outcome, DescribesItselfInAFewWords) {
  EXPECT_EQ(describe(Exited{3}), "exit code 3");
  EXPECT_EQ(describe(Signaled{9}), "killed by signal 9 (SIGKILL)");
  EXPECT_EQ(describe(Signaled{40}), "killed by signal 40");  // a real-time signal has no name
  EXPECT_EQ(describe(TimedOut{}), "timed out");
  EXPECT_EQ(describe(Cancelled{}), "cancelled");
  EXPECT_EQ(describe(CouldNotStart{"`nope` not found"}), "could not start: `nope` not found");
  EXPECT_EQ(describe(Lost{"daemon gone"}), "lost: daemon gone");
}

TEST(Status, IsWrittenInCapitals) {
  EXPECT_EQ(to_string(Status::pending), "PENDING");
  EXPECT_EQ(to_string(Status::running), "RUNNING");
  EXPECT_EQ(to_string(Status::failed), "FAILED");
  EXPECT_EQ(to_string(Status::passed), "PASSED");
  EXPECT_EQ(to_string(Status::timeout), "TIMEOUT");
  EXPECT_EQ(to_string(Status::skipped), "SKIPPED");
  EXPECT_EQ(to_string(Status::cancelled), "CANCELLED");
}

TEST(Status, KnowsWhatIsFinalAndWhatIsBad) {
  for (const auto status : {Status::pending, Status::running}) {
    EXPECT_FALSE(is_final(status)) << to_string(status);
    EXPECT_FALSE(is_bad(status)) << to_string(status);
  }
  for (const auto status : {Status::failed, Status::timeout, Status::skipped, Status::cancelled}) {
    EXPECT_TRUE(is_final(status)) << to_string(status);
    EXPECT_TRUE(is_bad(status)) << to_string(status);
  }
  EXPECT_TRUE(is_final(Status::passed));
  EXPECT_FALSE(is_bad(Status::passed));
}

TEST(Outcome, HasAKindForPrograms) {
  EXPECT_EQ(kind_of(Exited{1}), "exited");
  EXPECT_EQ(kind_of(Signaled{9}), "signaled");
  EXPECT_EQ(kind_of(TimedOut{}), "timed_out");
  EXPECT_EQ(kind_of(Cancelled{}), "cancelled");
  EXPECT_EQ(kind_of(CouldNotStart{"x"}), "could_not_start");
  EXPECT_EQ(kind_of(Lost{"x"}), "lost");
}

}  // namespace
}  // namespace jci
