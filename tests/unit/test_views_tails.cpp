// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "jci/views/tails.hpp"

namespace jci {
namespace {

JobView failed(std::string name, Outcome outcome, std::string log_tail) {
  JobView job;
  job.name = std::move(name);
  job.status = status_of(outcome);
  job.run_id = std::holds_alternative<CouldNotStart>(outcome) ? "" : "4242";
  job.outcome = std::move(outcome);
  job.log_tail = std::move(log_tail);
  return job;
}

PipelineView run_of(std::vector<JobView> jobs) {
  PipelineView view;
  view.pipe_id = "k3j90x2v1a";
  view.stages.push_back({"Pipeline", Status::failed, std::move(jobs)});
  return view;
}

TEST(RenderTails, ShowsWhyJobsFailedAndHowToSeeMore) {
  EXPECT_EQ(render_tails(run_of({
                failed("PyTest", Exited{1}, "E   assert 1 == \x1B[31m2\x1B[0m\n1 failed\n"),
                failed("Black", Exited{0}, "all done\n"),
                failed("Slow", TimedOut{}, ""),
                failed("Lint", CouldNotStart{"no such program: `pylint`\nadd it to PATH"}, ""),
                failed("Stopped", Cancelled{}, "by you\n"),
            })),
            "── PyTest: exit code 1 ──\n"
            "E   assert 1 == 2\n"
            "1 failed\n"
            "(the whole log: jci logs k3j90x2v1a PyTest)\n"
            "── Slow: timed out ──\n"
            "(it printed nothing)\n"
            "(the whole log: jci logs k3j90x2v1a Slow)\n"
            "── Lint: could not start: no such program: `pylint` add it to PATH ──\n");
}

TEST(RenderTails, AreEmptyWhereNothingFailed) {
  EXPECT_EQ(render_tails(run_of({failed("Black", Exited{0}, "fine\n")})), "");
}

TEST(RenderTails, ShowTheLastTwentyLines) {
  std::string log;
  std::string last;
  for (int line = 1; line <= 100; ++line) {
    log += "line " + std::to_string(line) + "\n";
    if (line > 80) last += "line " + std::to_string(line) + "\n";
  }
  EXPECT_EQ(render_tails(run_of({failed("A", Exited{1}, log)})),
            "── A: exit code 1 ──\n" + last + "(the whole log: jci logs k3j90x2v1a A)\n");
}

TEST(RenderTails, KeepEmptyLinesBetweenOthers) {
  EXPECT_EQ(render_tails(run_of({failed("A", Exited{1}, "\na\n\nb\n\n")})),
            "── A: exit code 1 ──\n\na\n\nb\n(the whole log: jci logs k3j90x2v1a A)\n");
}

TEST(RenderTails, CutALineThatDoesNotEnd) {
  EXPECT_EQ(render_tails(run_of({failed("A", Exited{1}, std::string(10'000'000, 'x'))})),
            "── A: exit code 1 ──\n" + std::string(499, 'x') +
                "…\n(the whole log: jci logs k3j90x2v1a A)\n");
}

TEST(RenderTails, CountJobsBeyondTheTenth) {
  std::vector<JobView> jobs;
  std::string expected;
  for (int job = 0; job < 12; ++job) {
    const auto name = "J" + std::to_string(job);
    jobs.push_back(failed(name, Exited{1}, "x\n"));
    if (job < 10) {
      expected +=
          "── " + name + ": exit code 1 ──\nx\n(the whole log: jci logs k3j90x2v1a " + name + ")\n";
    }
  }
  EXPECT_EQ(render_tails(run_of(jobs)), expected + "── and 2 more jobs that failed ──\n");
}

}  // namespace
}  // namespace jci
