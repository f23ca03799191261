// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "jci/reporters/junit.hpp"
#include "reports.hpp"
#include "tags.hpp"

namespace jci {
namespace {

std::string render(const PipelineView& view) { return make_junit_reporter()->render(view); }

TEST(JUnitReport, IsASuitePerStageAndACasePerJob) {
  EXPECT_EQ(render(test::eventful_run()), R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="Jaypore CI" tests="4" failures="1" errors="0" skipped="1" time="17.000">
  <testsuite name="Pipeline" tests="3" failures="1" errors="0" skipped="0" time="34.000" timestamp="2026-11-28T12:00:00">
    <properties>
      <property name="run" value="k3j90x2v1a"/>
      <property name="sha" value="edcb193bae3a9fcd2d0c9c2bd2e5b2e4b6d34f4b"/>
      <property name="branch" value="greetings"/>
    </properties>
    <testcase classname="Pipeline" name="Redis" time="17.000"/>
    <testcase classname="Pipeline" name="Black" time="3.000"/>
    <testcase classname="Pipeline" name="PyTest" time="14.000">
      <failure message="exit code 1" type="failed">2 of 41 tests failed

tests.test_greeting › test_hello
assert 1 == 2
  +1
  -2

test_bye

</failure>
      <system-out>collected 41 items
E   assert 1 == 2
1 failed in 12.30s
</system-out>
    </testcase>
  </testsuite>
  <testsuite name="ship" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-28T12:00:00">
    <properties>
      <property name="run" value="k3j90x2v1a"/>
      <property name="sha" value="edcb193bae3a9fcd2d0c9c2bd2e5b2e4b6d34f4b"/>
      <property name="branch" value="greetings"/>
    </properties>
    <testcase classname="ship" name="Publish" time="0.000">
      <skipped message="`PyTest` failed"/>
    </testcase>
  </testsuite>
</testsuites>
)");
}

/// "failure", "error", "skipped" or "" for a job that ended like this.
std::string element_for(Status status, std::optional<Outcome> outcome) {
  PipelineView view;
  JobView job;
  job.name = "x";
  job.status = status;
  job.outcome = std::move(outcome);
  view.stages = {{"s", status, {job}}};
  const auto text = render(view);
  std::smatch found;
  return std::regex_search(text, found, std::regex("<(failure|error|skipped) ")) ? found[1].str()
                                                                                 : "";
}

TEST(JUnitReport, TellsFailuresFromErrorsAndFromWhatDidNotRun) {
  EXPECT_EQ(element_for(Status::passed, Exited{0}), "");
  EXPECT_EQ(element_for(Status::failed, Exited{1}), "failure");
  EXPECT_EQ(element_for(Status::failed, Signaled{9}), "failure");
  EXPECT_EQ(element_for(Status::timeout, TimedOut{}), "failure");
  EXPECT_EQ(element_for(Status::failed, CouldNotStart{"no image"}), "error");
  EXPECT_EQ(element_for(Status::failed, Lost{"gone"}), "error");
  EXPECT_EQ(element_for(Status::cancelled, Cancelled{}), "error");
  EXPECT_EQ(element_for(Status::skipped, std::nullopt), "skipped");
  EXPECT_EQ(element_for(Status::running, std::nullopt), "skipped");
  EXPECT_EQ(element_for(Status::pending, std::nullopt), "skipped");
}

TEST(JUnitReport, HasTheSameElementsWhateverNamesAndLogsAre) {
  const auto expected = test::tags_of(render(test::run_of("x")));
  for (const auto& text : test::hostile_texts()) {
    if (text.empty()) continue;  // no log, no element
    EXPECT_EQ(test::tags_of(render(test::run_of(text))), expected) << text.substr(0, 100);
  }
}

}  // namespace
}  // namespace jci
