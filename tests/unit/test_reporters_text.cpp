// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "jci/reporters/text.hpp"
#include "jci/util/text.hpp"
#include "reports.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;

std::string render(const PipelineView& view) { return make_text_reporter()->render(view); }

JobView job(std::string name, Status status) {
  JobView view;
  view.name = std::move(name);
  view.status = status;
  return view;
}

JobView passed(std::string name, std::string run_id, Nanoseconds elapsed, std::string report = {}) {
  auto view = job(std::move(name), Status::passed);
  view.run_id = std::move(run_id);
  view.elapsed = elapsed;
  view.outcome = Exited{0};
  view.report = std::move(report);
  return view;
}

JobView ended(std::string name, Status status, Outcome outcome) {
  auto view = job(std::move(name), status);
  view.run_id = "0123456789abcdef";
  view.elapsed = 61s;
  view.outcome = std::move(outcome);
  return view;
}

PipelineView one_stage(Status status, std::vector<JobView> jobs) {
  PipelineView view;
  view.sha = "edcb193bae3a9fcd2d0c9c2bd2e5b2e4b6d34f4b";
  view.status = status;
  view.stages.push_back({.name = "Pipeline", .status = status, .jobs = std::move(jobs)});
  return view;
}

TEST(TextReport, IsTheBlockOfTheManual) {
  const auto view = one_stage(Status::passed, {
                                                  passed("Black", "ffcda0a9f3b1", 3s),
                                                  passed("Pylint", "2417ad58a9c2", 9s + 999ms),
                                                  passed("PyTest", "28d4985f0e77", 15s, "Cov: 65%"),
                                              });
  EXPECT_EQ(render(view),
            "╔ 🟢 : JayporeCI       [sha edcb193bae]\n"
            "┏━ Pipeline\n"
            "┃\n"
            "┃ 🟢 : Black           [ffcda0a9]   0: 3\n"
            "┃ 🟢 : Pylint          [2417ad58]   0: 9\n"
            "┃ 🟢 : PyTest          [28d4985f]   0:15 [Cov: 65%  ]\n"
            "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n");
}

TEST(TextReport, SaysWhyEachJobDidNotPass) {
  auto child = job("Child", Status::skipped);
  child.depends_on = {"Missing", "Fails"};
  auto grandchild = job("Grandchild", Status::skipped);
  grandchild.depends_on = {"Child"};
  const auto view =
      one_stage(Status::failed,
                {
                    ended("Fails", Status::failed, Exited{3}),
                    ended("Killed", Status::failed, Signaled{9}),
                    ended("Slow", Status::timeout, TimedOut{}),
                    ended("Stopped", Status::cancelled, Cancelled{}),
                    ended("Missing", Status::failed, CouldNotStart{"no such file: `lint`\nadd it"}),
                    child,
                    grandchild,
                    job("Independent", Status::skipped),
                });
  EXPECT_EQ(render(view),
            "╔ 🔴 : JayporeCI       [sha edcb193bae]\n"
            "┏━ Pipeline\n"
            "┃\n"
            "┃ 🔴 : Fails           [01234567]   1: 1 " +
                describe(Exited{3}) +
                "\n"
                "┃ 🔴 : Killed          [01234567]   1: 1 " +
                describe(Signaled{9}) +
                "\n"
                "┃ 🟤 : Slow            [01234567]   1: 1 " +
                describe(TimedOut{}) +
                "\n"
                "┃ 🟣 : Stopped         [01234567]   1: 1 " +
                describe(Cancelled{}) +
                "\n"
                "┃ 🔴 : Missing         [01234567]   1: 1 " +
                describe(CouldNotStart{"no such file: `lint` add it"}) +
                "\n"
                "┃ ⚪ : Child           [........]  --:-- ❮-- ['Missing', 'Fails'] skipped: "
                "`Missing` failed\n"
                "┃ ⚪ : Grandchild      [........]  --:-- ❮-- ['Child'] skipped: `Missing` failed\n"
                "┃ ⚪ : Independent     [........]  --:-- skipped: the run ended before its turn\n"
                "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n");
}

TEST(TextReport, NamesTheJobOfAnEarlierStageThatKeptAStageFromStarting) {
  auto view = one_stage(Status::failed, {ended("Build", Status::timeout, TimedOut{})});
  view.stages.push_back(
      {.name = "deploy", .status = Status::skipped, .jobs = {job("Push", Status::skipped)}});
  EXPECT_EQ(render(view),
            "╔ 🔴 : JayporeCI       [sha edcb193bae]\n"
            "┏━ Pipeline\n"
            "┃\n"
            "┃ 🟤 : Build           [01234567]   1: 1 " +
                describe(TimedOut{}) +
                "\n"
                "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n"
                "┏━ deploy\n"
                "┃\n"
                "┃ ⚪ : Push            [........]  --:-- skipped: `Build` timed out\n"
                "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n");
}

TEST(TextReport, ShowsARunThatGoesOn) {
  auto service = job("Redis", Status::passed);
  service.is_service = true;
  service.run_id = "4242";
  service.elapsed = 100min + 7s;
  auto running = job("IntTest", Status::running);
  running.run_id = "aabbccddee";
  running.elapsed = 12min + 34s;
  auto pending = job("FuzzTest", Status::pending);
  pending.depends_on = {"IntTest"};
  auto view = one_stage(Status::running, {service});
  view.stages.push_back(
      {.name = "checking", .status = Status::running, .jobs = {running, pending}});
  EXPECT_EQ(render(view),
            "╔ 🟡 : JayporeCI       [sha edcb193bae]\n"
            "┏━ Pipeline\n"
            "┃\n"
            "┃ 🟢 : Redis           [4242    ] 100: 7 service\n"
            "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n"
            "┏━ checking\n"
            "┃\n"
            "┃ 🟡 : IntTest         [aabbccdd]  12:34\n"
            "┃ 🔵 : FuzzTest        [........]  --:-- ❮-- ['IntTest']\n"
            "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n");
}

TEST(TextReport, AlignsAllJobsToTheLongestNameInColumnsNotBytes) {
  auto view = one_stage(Status::passed, {passed("Prüfung", "1", 1s),
                                         passed("👩‍💻 Test", "2", 2s, "温度計温度計"),
                                         passed("検査", "3", 3s)});
  view.stages.push_back({.name = "ship-🚢",
                         .status = Status::passed,
                         .jobs = {passed("A-name-of-twenty-five-col", "4", 4s)}});
  EXPECT_EQ(render(view),
            "╔ 🟢 : JayporeCI                 [sha edcb193bae]\n"
            "┏━ Pipeline\n"
            "┃\n"
            "┃ 🟢 : Prüfung                   [1       ]   0: 1\n"
            "┃ 🟢 : 👩‍💻 Test                   [2       ]   0: 2 [温度計温度]\n"
            "┃ 🟢 : 検査                      [3       ]   0: 3\n"
            "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n"
            "┏━ ship-🚢\n"
            "┃\n"
            "┃ 🟢 : A-name-of-twenty-five-col [4       ]   0: 4\n"
            "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n");
}

TEST(TextReport, ShowsTenColumnsOfTheFirstLineOfAJobsOwnReportWithoutItsEscapeCodes) {
  const auto view =
      one_stage(Status::passed, {
                                    passed("Long", "1", 1s, "a long line\nand a second"),
                                    passed("Coloured", "2", 1s, "\x1B[31mred\x1B[0m\a\tx"),
                                    passed("Binary", "3", 1s, "a\xFF\xC0z"),
                                    passed("Blank", "4", 1s, " \n second"),
                                });
  EXPECT_EQ(render(view),
            "╔ 🟢 : JayporeCI       [sha edcb193bae]\n"
            "┏━ Pipeline\n"
            "┃\n"
            "┃ 🟢 : Long            [1       ]   0: 1 [a long lin]\n"
            "┃ 🟢 : Coloured        [2       ]   0: 1 [red     x ]\n"
            "┃ 🟢 : Binary          [3       ]   0: 1 [a��z      ]\n"
            "┃ 🟢 : Blank           [4       ]   0: 1\n"
            "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n");
}

std::string below_the_block(const PipelineView& view) {
  const auto text = render(view);
  const auto bottom = text.rfind("┛\n");
  return text.substr(bottom + std::string_view("┛\n").size());
}

TEST(TextReport, TellsTestsCoverageAndWarningsBelowTheBlock) {
  EXPECT_EQ(below_the_block(test::eventful_run()),
            "PyTest: tests: 38 passed, 2 failed, 1 skipped; coverage: 83.1% (+0.4)\n"
            "  ✗ tests.test_greeting › test_hello\n"
            "      assert 1 == 2\n"
            "        +1\n"
            "        -2\n"
            "  ✗ test_bye\n"
            "  ⚠ `reports/more.xml` is no XML: not well-formed at line 3\n"
            "⚠ remote `git` failed: no space left\n");
}

TEST(TextReport, TellsTheFirstFailingTestsAndHowManyMoreThereAre) {
  auto job = passed("PyTest", "1", 1s);
  job.tests = TestResults{.passed = 0, .failed = 60, .skipped = 0, .failures = {}};
  job.tests->failures.assign(50, {"", "test", ""});
  std::string expected = "PyTest: tests: 60 failed\n";
  for (int test = 0; test < 10; ++test) expected += "  ✗ test\n";
  EXPECT_EQ(below_the_block(one_stage(Status::passed, {job})), expected + "  … and 50 more\n");
}

TEST(TextReport, IsHarmlessForATerminalWhateverItIsGiven) {
  for (const auto& text : test::hostile_texts()) {
    const auto report = render(test::run_of(text));
    EXPECT_EQ(report, sanitize(report)) << text.substr(0, 100);
  }
}

TEST(TextReport, SaysThatThereAreNoJobsAndLeavesOutAShaThatThereIsNot) {
  auto view = one_stage(Status::passed, {});
  view.sha.clear();
  EXPECT_EQ(render(view),
            "╔ 🟢 : JayporeCI\n"
            "┏━ Pipeline\n"
            "┃\n"
            "┃ no jobs\n"
            "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n");
}

}  // namespace
}  // namespace jci
