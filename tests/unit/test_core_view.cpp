// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "graph.hpp"
#include "jci/core/view.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;

constexpr WallTime k_start{std::chrono::seconds(1'700'000'000)};

JobState ended(Status status, Outcome outcome, WallTime started_at, Nanoseconds took) {
  return {status, "id", started_at, took, std::move(outcome), "report"};
}

JobState begun(Status status, WallTime started_at) {
  return {status, "id", started_at, {}, {}, ""};
}

std::vector<std::string> stage_names(const PipelineView& view) {
  std::vector<std::string> names;
  for (const auto& stage : view.stages) names.push_back(stage.name);
  return names;
}

TEST(Snapshot, ShowsEachJobAsItStands) {
  const Pipeline pipeline = test::graph("a b<a db*");
  const JobStates states = {
      ended(Status::failed, Exited{3}, k_start, 2s), {}, begun(Status::passed, k_start + 1s)};
  const auto view = snapshot(pipeline, states, k_start + 5s);
  ASSERT_EQ(view.stages.size(), 1U);
  const auto& jobs = view.stages[0].jobs;
  ASSERT_EQ(jobs.size(), 3U);
  EXPECT_EQ(jobs[0].name, "a");
  EXPECT_EQ(jobs[0].status, Status::failed);
  EXPECT_EQ(jobs[0].image, k_default_image);
  EXPECT_EQ(jobs[0].run_id, "id");
  EXPECT_EQ(jobs[0].elapsed, 2s);
  EXPECT_EQ(jobs[0].outcome, Outcome(Exited{3}));
  EXPECT_EQ(jobs[0].report, "report");
  EXPECT_EQ(jobs[1].depends_on, (std::vector<std::string>{"a"}));
  EXPECT_EQ(jobs[1].elapsed, std::nullopt);
  EXPECT_TRUE(jobs[2].is_service);
  EXPECT_EQ(jobs[2].elapsed, 4s);
}

TEST(Snapshot, LeavesOutTheDefaultStageWhereItIsEmptyAndNotTheOnlyOne) {
  EXPECT_EQ(stage_names(snapshot(test::graph(""), {}, k_start)),
            (std::vector<std::string>{"Pipeline"}));
  EXPECT_EQ(stage_names(snapshot(test::graph("| a | "), JobStates(1), k_start)),
            (std::vector<std::string>{"stage-1", "stage-2"}));
  EXPECT_EQ(stage_names(snapshot(test::graph("a | b"), JobStates(2), k_start)),
            (std::vector<std::string>{"Pipeline", "stage-1"}));
}

TEST(Snapshot, CountsFromTheFirstStartToNowAndOnceAllHasEndedToTheLastEnd) {
  const Pipeline pipeline = test::graph("a b");
  JobStates states = {ended(Status::passed, Exited{}, k_start + 1s, 4s),
                      begun(Status::running, k_start)};
  const auto running = snapshot(pipeline, states, k_start + 7s);
  EXPECT_EQ(running.started_at, k_start);
  EXPECT_EQ(running.elapsed, 7s);
  states[1] = ended(Status::passed, Exited{}, k_start, 3s);
  EXPECT_EQ(snapshot(pipeline, states, k_start + 60s).elapsed, 5s);
}

TEST(Snapshot, HasNoTimesBeforeTheFirstStart) {
  const auto view = snapshot(test::graph("a"), JobStates(1), k_start);
  EXPECT_EQ(view.started_at, std::nullopt);
  EXPECT_EQ(view.elapsed, 0s);
}

TEST(Snapshot, NeverShowsNegativeTimesThoughTheClockWasSetBack) {
  const auto view = snapshot(test::graph("a"), {begun(Status::running, k_start)}, k_start - 10s);
  EXPECT_EQ(view.elapsed, 0s);
  EXPECT_EQ(view.stages[0].jobs[0].elapsed, 0s);
}

}  // namespace
}  // namespace jci
