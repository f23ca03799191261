// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/view.hpp"

namespace jci::test {

/// 2026-11-28 12:00:00 UTC and so many seconds.
inline WallTime seconds_after_noon(int seconds) {
  return WallTime(std::chrono::seconds(1'795'867'200 + seconds));
}

inline JobView ended_job(std::string name, Status status, Outcome outcome, int started, int took) {
  JobView job;
  job.name = std::move(name);
  job.status = status;
  job.outcome = std::move(outcome);
  job.run_id = "ffcda0a9f3b1";
  job.image = "python:3.11";
  job.started_at = seconds_after_noon(started);
  job.elapsed = std::chrono::seconds(took);
  return job;
}

/// A run in which something of everything happened.
inline PipelineView eventful_run() {
  auto redis = ended_job("Redis", Status::passed, Exited{0}, 0, 17);
  redis.is_service = true;
  redis.up_after = std::chrono::milliseconds(450);
  auto black = ended_job("Black", Status::passed, Exited{0}, 0, 3);
  black.report = "12 files";
  auto pytest = ended_job("PyTest", Status::failed, Exited{1}, 3, 14);
  pytest.depends_on = {"Redis", "Black"};
  pytest.log_tail = "collected 41 items\nE   assert 1 == 2\n1 failed in 12.30s\n";
  pytest.tests =
      TestResults{.passed = 38,
                  .failed = 2,
                  .skipped = 1,
                  .took = std::chrono::milliseconds(12'300),
                  .failures = {{"tests.test_greeting", "test_hello", "assert 1 == 2\n  +1\n  -2"},
                               {"", "test_bye", ""}}};
  pytest.coverage = Coverage{.percent = 83.14, .before = 82.7};
  pytest.warnings = {"`reports/more.xml` is no XML: not well-formed at line 3"};
  JobView publish;
  publish.name = "Publish";
  publish.status = Status::skipped;

  PipelineView view;
  view.pipe_id = "k3j90x2v1a";
  view.sha = "edcb193bae3a9fcd2d0c9c2bd2e5b2e4b6d34f4b";
  view.branch = "greetings";
  view.remote = "https://example.org/greeter.git";
  view.commit_message = "Greet people in their language\n\nAll of them.\n";
  view.author_name = "Ada";
  view.author_email = "ada@example.org";
  view.status = Status::failed;
  view.started_at = seconds_after_noon(0);
  view.elapsed = std::chrono::seconds(17);
  view.before = Status::passed;
  view.warnings = {"remote `git` failed: no space left"};
  view.stages = {{"Pipeline", Status::failed, {redis, black, pytest}},
                 {"ship", Status::skipped, {publish}}};
  return view;
}

/// Texts that try to get out of where they are shown.
inline std::vector<std::string> hostile_texts() {
  using namespace std::string_literals;
  return {
      "a | b || c",
      "`` ` ``` ```` `````\n```\n```mermaid",
      "</details></summary></pre></code><script>alert(1)</script>",
      "--> <!-- ]]> <![CDATA[ <?xml ?>",
      "\" onload=\"alert(1)\" x='y'",
      "\n\n# heading\n\n- list\n\n    code\n\n---\n",
      "end\nsubgraph x\n  a --> b\nend\nclick a \"javascript:alert(1)\"",
      "style:#classDef.:#x; %%{init: {\"theme\": \"dark\"}}%% linkStyle class j0 failed",
      "\x1B[31mred\x1B[0m \x1B]8;;http://evil\x07link\x1B]8;;\x07 \a\b\v\f",
      "over\rwritten",
      "nul\0nul \x7F \xC2\x85"s,
      "\xFF\xFE\xC0\x80 \xE2\x82 \xED\xA0\x80 \xEF\xBF\xBE\xEF\xBF\xBF",
      "\xE2\x80\xAE right to left \xE2\x80\xA8 line",
      "@everyone #1 http://example.org www.example.org a@example.org :smile: $x$ ~~no~~ \\| \\` \\",
      "&lt;b&gt; &#60; &amp; #60; #quot; \xEF\xAC\x82\xC2\xB0\xC2\xB0"
      "60\xC2\xB6\xC3\x9F",
      "1. one\n- two\n* three\n+ four",
      std::string(10'000, 'x'),
      std::string(10'000, '|'),
      "",
      "   ",
  };
}

/// The eventful run with `text` wherever somebody else's text may come.
inline PipelineView run_of(const std::string& text) {
  auto view = eventful_run();
  view.pipe_id = text;
  view.sha = text;
  view.branch = text;
  view.remote = text;
  view.commit_message = "x " + text;
  view.author_name = text;
  view.author_email = text;
  view.warnings = {text};
  for (auto& stage : view.stages) {
    stage.name = text;
    for (auto& job : stage.jobs) {
      job.name = text;
      job.image = text;
      job.run_id = text;
      job.report = text;
      job.depends_on = {text};
      job.log_tail = text;
      job.warnings = {text};
      if (job.tests) job.tests->failures = {{text, text, text}};
      if (job.status == Status::failed) job.outcome = CouldNotStart{text};
    }
  }
  return view;
}

}  // namespace jci::test
