// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "graph.hpp"
#include "jci/core/state.hpp"

namespace jci {
namespace {

Status overall(std::string_view drawing, std::vector<Status> statuses) {
  const Pipeline pipeline = test::graph(drawing);
  JobStates states(statuses.size());
  for (std::size_t i = 0; i < states.size(); ++i) states[i].status = statuses[i];
  return overall_status(pipeline, states);
}

TEST(OverallStatus, IsPassedWithoutJobs) { EXPECT_EQ(overall("", {}), Status::passed); }

TEST(OverallStatus, IsPendingUntilTheFirstJobStarts) {
  EXPECT_EQ(overall("a b", {Status::pending, Status::pending}), Status::pending);
  EXPECT_EQ(overall("a b", {Status::running, Status::pending}), Status::running);
}

TEST(OverallStatus, IsRunningWhileAJobCanStillChange) {
  EXPECT_EQ(overall("a b", {Status::passed, Status::pending}), Status::running);
  EXPECT_EQ(overall("a b", {Status::failed, Status::running}), Status::running);
  EXPECT_EQ(overall("db* b", {Status::running, Status::passed}), Status::running);
}

TEST(OverallStatus, IsPassedOnceAllJobsHavePassed) {
  EXPECT_EQ(overall("db* b", {Status::passed, Status::passed}), Status::passed);
}

TEST(OverallStatus, IsTheWorstOfTheJobs) {
  EXPECT_EQ(
      overall("a b c d", {Status::passed, Status::cancelled, Status::timeout, Status::failed}),
      Status::failed);
  EXPECT_EQ(
      overall("a b c d", {Status::passed, Status::cancelled, Status::timeout, Status::skipped}),
      Status::timeout);
  EXPECT_EQ(
      overall("a b c d", {Status::passed, Status::cancelled, Status::skipped, Status::skipped}),
      Status::cancelled);
  EXPECT_EQ(overall("a b", {Status::failed, Status::skipped}), Status::failed);
}

TEST(OverallStatus, IsCancelledWhereARunWasInterruptedBetweenJobs) {
  EXPECT_EQ(overall("a b", {Status::passed, Status::skipped}), Status::cancelled);
}

TEST(StageStatus, LooksAtTheJobsOfTheStageOnly) {
  const Pipeline pipeline = test::graph("a | b | c |");
  JobStates states(3);
  states[0].status = Status::passed;
  states[1].status = Status::failed;
  states[2].status = Status::skipped;
  std::vector<Status> statuses;
  for (const auto& stage : pipeline.stages())
    statuses.push_back(stage_status(pipeline, stage, states));
  EXPECT_EQ(statuses,
            (std::vector{Status::passed, Status::failed, Status::skipped, Status::passed}));
}

}  // namespace
}  // namespace jci
