// SPDX-License-Identifier: MIT
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "jci/reporters/json.hpp"
#include "reports.hpp"

namespace jci {
namespace {

namespace json = boost::json;

std::string render(const PipelineView& view) { return make_json_reporter()->render(view); }

TEST(JsonReport, TellsAllThatIsKnownOfARun) {
  EXPECT_EQ(json::parse(render(test::eventful_run())), json::parse(R"({
  "v": 1, "run": "k3j90x2v1a", "status": "FAILED", "status_before": "PASSED",
  "sha": "edcb193bae3a9fcd2d0c9c2bd2e5b2e4b6d34f4b", "branch": "greetings", "remote": "https://example.org/greeter.git",
  "commit_message": "Greet people in their language\n\nAll of them.\n",
  "author_name": "Ada", "author_email": "ada@example.org",
  "started_at": "2026-11-28T12:00:00.000Z", "took_ms": 17000, "warnings": ["remote `git` failed: no space left"],
  "stages": [
    {"stage": "Pipeline", "status": "FAILED", "jobs": [
      {"job": "Redis", "status": "PASSED", "is_service": true, "image": "python:3.11", "run_id": "ffcda0a9f3b1", "depends_on": [],
       "started_at": "2026-11-28T12:00:00.000Z", "took_ms": 17000, "up_after_ms": 450,
       "outcome": {"kind": "exited", "code": 0, "signal": null}, "reason": null, "report": null, "tests": null, "coverage": null,
       "warnings": [], "log_tail": null},
      {"job": "Black", "status": "PASSED", "is_service": false, "image": "python:3.11", "run_id": "ffcda0a9f3b1", "depends_on": [],
       "started_at": "2026-11-28T12:00:00.000Z", "took_ms": 3000, "up_after_ms": null,
       "outcome": {"kind": "exited", "code": 0, "signal": null}, "reason": null, "report": "12 files", "tests": null, "coverage": null,
       "warnings": [], "log_tail": null},
      {"job": "PyTest", "status": "FAILED", "is_service": false, "image": "python:3.11", "run_id": "ffcda0a9f3b1",
       "depends_on": ["Redis", "Black"], "started_at": "2026-11-28T12:00:03.000Z", "took_ms": 14000, "up_after_ms": null,
       "outcome": {"kind": "exited", "code": 1, "signal": null}, "reason": "exit code 1", "report": null,
       "tests": {"passed": 38, "failed": 2, "skipped": 1, "took_ms": 12300, "failures": [
         {"suite": "tests.test_greeting", "name": "test_hello", "message": "assert 1 == 2\n  +1\n  -2"},
         {"suite": null, "name": "test_bye", "message": ""}]},
       "coverage": {"percent": 83.14, "before": 82.7},
       "warnings": ["`reports/more.xml` is no XML: not well-formed at line 3"],
       "log_tail": "collected 41 items\nE   assert 1 == 2\n1 failed in 12.30s\n"}]},
    {"stage": "ship", "status": "SKIPPED", "jobs": [
      {"job": "Publish", "status": "SKIPPED", "is_service": false, "image": null, "run_id": null, "depends_on": [], "started_at": null,
       "took_ms": null, "up_after_ms": null, "outcome": null, "reason": "`PyTest` failed", "report": null, "tests": null,
       "coverage": null, "warnings": [], "log_tail": null}]}]})"));
}

TEST(JsonReport, IsOneObjectOnOneLineWhateverItIsGiven) {
  for (const auto& text : test::hostile_texts()) {
    const auto report = render(test::run_of(text));
    EXPECT_EQ(report.find('\n'), report.size() - 1);
    EXPECT_TRUE(json::parse(report).is_object());
  }
}

TEST(JsonReport, HasNullForNumbersThatJsonCannotTell) {
  PipelineView view = test::eventful_run();
  view.stages[0].jobs[2].coverage = Coverage{.percent = NAN, .before = INFINITY};
  const auto report = json::parse(render(view));
  EXPECT_EQ(report.at("stages").at(0).at("jobs").at(2).at("coverage"),
            json::parse(R"({"percent": null, "before": null})"));
}

}  // namespace
}  // namespace jci
