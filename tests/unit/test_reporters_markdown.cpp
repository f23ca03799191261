// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/reporters/markdown.hpp"
#include "jci/util/text.hpp"
#include "reports.hpp"

namespace jci {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string render(const PipelineView& view, MarkdownOptions options = {}) {
  return make_markdown_reporter(options)->render(view);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = text.find('\n', from);
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

/// The document without foreign text: what is in fences, code spans and `<code>` is taken out. Two documents with the same skeleton
/// differ in nothing that a reader would take for structure.
std::string skeleton(const std::string& markdown) {
  std::string bones;
  std::string fence;
  for (const auto& line : lines_of(markdown)) {
    const auto ticks = line.find_first_not_of('`');
    const auto run = std::min(ticks, line.size());
    if (!fence.empty()) {
      if (line == fence) fence.clear();
      continue;
    }
    if (run >= 3) {
      fence = std::string(run, '`');
      bones += "fence " + line.substr(run) + "\n";
      continue;
    }
    for (std::size_t at = 0; at < line.size();) {
      const std::string open = line.substr(at).starts_with("`") ? "`" : "<code>";
      const std::string close = open == "`" ? "`" : "</code>";
      if (!line.substr(at).starts_with(open)) {
        bones += line[at++];
        continue;
      }
      const auto end = line.find(close, at + open.size());
      EXPECT_NE(end, line.npos) << "not closed: " << line;
      if (end == line.npos) return bones;
      bones += "CODE";
      at = end + close.size();
    }
    bones += '\n';
  }
  EXPECT_EQ(fence, "") << "a fence is open at the end";
  return bones;
}

TEST(MarkdownReport, ShowsWhatAPullRequestNeeds) {
  EXPECT_EQ(
      render(test::eventful_run()),
      R"(🔴 **failed** · `edcb193bae` on `greetings` · 17.0 s · `PyTest` did not pass · the run before passed

`Greet people in their language`

```mermaid
flowchart LR
  subgraph s0["Pipeline"]
    direction LR
    j0["#10004; Redis"]
    j1["#10004; Black"]
    j2["#10006; PyTest"]
    j0 --> j2
    j1 --> j2
  end
  subgraph s1["ship"]
    direction LR
    j3["#8211; Publish"]
  end
  s0 ==> s1
  classDef passed fill:#1a7f37,stroke:#1a7f37,color:#ffffff
  class j0,j1 passed
  classDef failed fill:#cf222e,stroke:#cf222e,color:#ffffff
  class j2 failed
  classDef skipped fill:#6e7781,stroke:#6e7781,color:#ffffff
  class j3 skipped
```

|  | Stage | Job | Time | Report | Tests | Coverage |
| :- | :- | :- | -: | :- | :- | -: |
| 🟢 passed | `Pipeline` | `Redis` (service) | 17.0 s |  |  |  |
| 🟢 passed | `Pipeline` | `Black` | 3.0 s | `12 files` |  |  |
| 🔴 failed: `exit code 1` | `Pipeline` | `PyTest` | 14.0 s |  | 38 passed, 2 failed, 1 skipped | 83.1% (+0.4) |
| ⚪ skipped: <code>&#96;PyTest&#96; failed</code> | `ship` | `Publish` |  |  |  |  |

<details open><summary>2 of 41 tests failed in <code>PyTest</code></summary>

`tests.test_greeting › test_hello`

```text
assert 1 == 2
  +1
  -2
```

`test_bye`

</details>

<details><summary>The end of the log of <code>PyTest</code></summary>

```text
collected 41 items
E   assert 1 == 2
1 failed in 12.30s
```

</details>

- ⚠️ `PyTest`: <code>&#96;reports/more&#46;xml&#96; is no XML&#58; not well-formed at line 3</code>
- ⚠️ <code>remote &#96;git&#96; failed&#58; no space left</code>

<sub>Jaypore CI · `jci logs k3j90x2v1a JOB` shows what a job printed</sub>
)");
}

TEST(MarkdownReport, IsShortWhereThereIsLittleToSay) {
  PipelineView view;
  view.status = Status::passed;
  view.stages = {{"Pipeline", Status::passed, {}}};
  EXPECT_EQ(render(view), "🟢 **passed**\n");
}

TEST(MarkdownReport, LetsNothingOutOfItsCellFenceOrLabel) {
  const auto expected = skeleton(render(test::run_of("x")));
  for (const auto& text : test::hostile_texts()) {
    const auto view = test::run_of(text);
    if (sanitize_line(text).find_first_not_of(' ') == std::string::npos) continue;
    EXPECT_EQ(skeleton(render(view)), expected) << text.substr(0, 100);
  }
}

TEST(MarkdownReport, NamesNobodyAndLinksNothingOutsideOfCode) {
  const auto bones = skeleton(render(test::run_of("@everyone #1 http://example.org")));
  EXPECT_THAT(bones, AllOf(Not(HasSubstr("@")), Not(HasSubstr("http"))));
}

TEST(MarkdownReport, IsValidUtf8WithoutControlCharactersWhateverItIsGiven) {
  for (const auto& text : test::hostile_texts()) {
    const auto report = render(test::run_of(text));
    EXPECT_EQ(report, sanitize(report));
  }
}

/// Many jobs that failed, each with a long log and many failing tests.
PipelineView long_run(std::size_t jobs, std::size_t message = 5'000) {
  auto view = test::eventful_run();
  auto& stage = view.stages[0];
  auto pattern = stage.jobs[2];
  pattern.tests->failures.assign(50, {"suite", "name", std::string(message, 'm')});
  pattern.tests->failed = 50;
  for (int line = 0; line < 30; ++line) pattern.log_tail.append(400, 'l').push_back('\n');
  for (std::size_t at = 0; at < jobs; ++at) {
    pattern.name = "job-" + std::to_string(at);
    stage.jobs.push_back(pattern);
  }
  return view;
}

TEST(MarkdownReport, KeepsToTheLimitByShorteningLogsFirst) {
  auto view = long_run(10);
  for (auto& job : view.stages[0].jobs) job.tests.reset();
  const auto report = render(view);
  EXPECT_LE(count_characters(report), 65'000U);
  EXPECT_THAT(report, AllOf(HasSubstr("```mermaid"), HasSubstr("`job-9`"),
                            HasSubstr("\nShortened: only the last lines of logs are shown.\n")));
}

TEST(MarkdownReport, ThenShortensFailingTestsThenLeavesOutTheGraphThenJobs) {
  const auto some = render(long_run(10));
  EXPECT_LE(count_characters(some), 65'000U);
  EXPECT_THAT(some, AllOf(HasSubstr("```mermaid"), HasSubstr("tests failed in"),
                          HasSubstr("Shortened: logs and most failing tests are left out.")));
  const auto many = render(long_run(140));
  EXPECT_LE(count_characters(many), 65'000U);
  EXPECT_THAT(many, HasSubstr("`job-139`"));
  const auto most = render(long_run(10'000, 10));
  EXPECT_LE(count_characters(most), 65'000U);
  EXPECT_THAT(
      most,
      AllOf(Not(HasSubstr("```")), HasSubstr("\n… and "),
            HasSubstr("Shortened: logs, failing tests, the graph and most jobs are left out.")));
}

TEST(MarkdownReport, CountsCharactersNotBytes) {
  auto view = test::eventful_run();
  view.stages[0].jobs[2].log_tail = std::string();
  for (int line = 0; line < 20; ++line) {
    for (int at = 0; at < 180; ++at) view.stages[0].jobs[2].log_tail += "ü";
    view.stages[0].jobs[2].log_tail += '\n';
  }
  const auto whole = render(view);
  EXPECT_GT(whole.size(), count_characters(whole) + 3'000);
  EXPECT_EQ(render(view, {.max_characters = count_characters(whole)}), whole);
  EXPECT_THAT(render(view, {.max_characters = count_characters(whole) - 1}),
              HasSubstr("Shortened: "));
}

TEST(MarkdownReport, FitsIntoTheLeastLimitWhateverTheRunWasLike) {
  const auto least = MarkdownOptions::k_least_characters;
  for (const auto& text : test::hostile_texts()) {
    auto view = test::run_of(text);
    for (int at = 0; at < 300; ++at) view.stages[0].jobs.push_back(view.stages[0].jobs[2]);
    const auto report = render(view, {.max_characters = least});
    EXPECT_LE(count_characters(report), least) << text.substr(0, 100);
    EXPECT_THAT(report, StartsWith("🔴 **failed**"));
    EXPECT_THAT(report, EndsWith("\n"));
  }
}

TEST(MarkdownReport, RefusesALimitThatNoReportFitsInto) {
  EXPECT_THROW(make_markdown_reporter({.max_characters = 100}), BadConfig);
}

}  // namespace
}  // namespace jci
