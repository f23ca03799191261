// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>

#include "jci/remotes/headline.hpp"
#include "jci/repos/mock.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;

JobView job(const char* name, Status status) {
  JobView view;
  view.name = name;
  view.status = status;
  view.elapsed = 12s;
  return view;
}

PipelineView view_of(Status status, std::vector<JobView> jobs) {
  PipelineView view;
  view.status = status;
  view.elapsed = 75s;
  view.stages = {{.name = "Pipeline", .status = status, .jobs = std::move(jobs)}};
  return view;
}

TEST(Description, OfAPipelineIsOneLine) {
  EXPECT_EQ(
      describe(view_of(Status::running, {job("A", Status::passed), job("B", Status::running)})),
      "1 of 2 jobs done");
  EXPECT_EQ(describe(view_of(Status::passed, {job("A", Status::passed)})),
            "1 job passed in 1 min 15 s");
  EXPECT_EQ(describe(view_of(Status::failed, {job("A", Status::failed), job("B", Status::passed),
                                              job("C", Status::skipped)})),
            "A failed; 1 of 3 jobs passed in 1 min 15 s");
  EXPECT_EQ(
      describe(view_of(Status::failed, {job("A", Status::failed), job("B", Status::failed),
                                        job("C", Status::timeout), job("D", Status::failed)})),
      "A, B, C and 1 more failed; 0 of 4 jobs passed in 1 min 15 s");
  EXPECT_EQ(describe(view_of(Status::cancelled, {job("A", Status::skipped)})),
            "cancelled; 0 of 1 job passed in 1 min 15 s");
  EXPECT_EQ(describe(view_of(Status::passed, {})), "passed");
}

TEST(Description, OfAJobSaysHowItEnded) {
  JobView failed = job("A", Status::failed);
  failed.outcome = Exited{3};
  EXPECT_EQ(describe(failed), "exit code 3 after 12.0 s");
  EXPECT_EQ(describe(job("A", Status::passed)), "passed in 12.0 s");
  EXPECT_EQ(describe(job("A", Status::skipped)), "skipped");
  EXPECT_EQ(describe(job("A", Status::running)), "running");
}

std::string title_of(const std::string& remote, const std::string& branch,
                     const std::filesystem::path& root = {}) {
  return build_title(MockRepo({.sha = "0123456789",
                               .branch = branch,
                               .remote = remote,
                               .commit_message = "",
                               .root = root}));
}

TEST(Headline, NamesTheRepositoryTheBranchAndTheCommit) {
  EXPECT_EQ(title_of("https://host/team/widgets.git", "feature"), "widgets [feature 01234567]");
  EXPECT_EQ(title_of("", "", "/home/a/widgets/.git"), "widgets [01234567]");
  EXPECT_EQ(title_of("", "", "/home/a/widgets"), "widgets [01234567]");
  EXPECT_EQ(title_of("", ""), "repository [01234567]");
}

TEST(Headline, BeginsWithHowItWent) {
  EXPECT_EQ(headline(view_of(Status::passed, {job("A", Status::passed)}), "widgets [main 01]"),
            "🟢 PASSED widgets [main 01]: 1 job passed in 1 min 15 s");
}

}  // namespace
}  // namespace jci
