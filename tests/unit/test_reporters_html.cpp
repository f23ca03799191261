// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "jci/reporters/html.hpp"
#include "jci/util/text.hpp"
#include "reports.hpp"
#include "tags.hpp"

namespace jci {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string render(const PipelineView& view) { return make_html_reporter()->render(view); }

std::string body_of(const std::string& page) {
  const auto from = page.find("<body>");
  return page.substr(from);
}

TEST(HtmlReport, ShowsTimelineJobsTestsAndLogs) {
  EXPECT_EQ(body_of(render(test::eventful_run())), R"(<body>
<header class="failed">
<h1>🔴 failed: PyTest</h1>
<p>Greet people in their language <span class="dim">by Ada</span></p>
<p class="dim"><code>edcb193bae</code> · on <code>greetings</code> · 2026-11-28 12:00 UTC · 17.0 s · the run before passed</p>
</header>
<ul class="warnings">
<li>⚠️ remote `git` failed: no space left</li>
</ul>
<h2>Timeline</h2>
<svg class="timeline" role="img" aria-label="When each job ran" width="100%" height="112">
<line x1="0%" x2="0%" y1="0" y2="94"/><text x="0%" y="108" class="start">0 ms</text>
<line x1="25%" x2="25%" y1="0" y2="94"/><text x="25%" y="108" class="middle">4.2 s</text>
<line x1="50%" x2="50%" y1="0" y2="94"/><text x="50%" y="108" class="middle">8.5 s</text>
<line x1="75%" x2="75%" y1="0" y2="94"/><text x="75%" y="108" class="middle">12.7 s</text>
<line x1="100%" x2="100%" y1="0" y2="94"/><text x="100%" y="108" class="end">17.0 s</text>
<text x="0" y="13">Redis</text><text x="100%" y="13" class="end">17.0 s</text>
<rect x="0.00%" y="18" width="100.00%" height="8" rx="3" class="passed"><title>Redis: passed, 17.0 s</title></rect>
<text x="0" y="43">Black</text><text x="100%" y="43" class="end">3.0 s</text>
<rect x="0.00%" y="48" width="17.65%" height="8" rx="3" class="passed"><title>Black: passed, 3.0 s</title></rect>
<text x="0" y="73">PyTest</text><text x="100%" y="73" class="end">14.0 s</text>
<rect x="17.65%" y="78" width="82.35%" height="8" rx="3" class="failed"><title>PyTest: failed, 14.0 s</title></rect>
</svg>
<h2>🔴 Pipeline</h2>
<ul class="jobs">
<li><div class="row"><b>🟢 Redis</b> <span class="passed">passed</span> <span class="time dim">17.0 s</span></div>
<div class="more"><span>service</span></div>
</li>
<li><div class="row"><b>🟢 Black</b> <span class="passed">passed</span> <span class="time dim">3.0 s</span></div>
<div class="more"><span><code>12 files</code></span></div>
</li>
<li><div class="row"><b>🔴 PyTest</b> <span class="failed">failed: exit code 1</span> <span class="time dim">14.0 s</span></div>
<div class="more"><span>after Redis and Black</span> <span>tests: 38 passed, 2 failed, 1 skipped</span> <span>coverage: 83.1% (+0.4)</span></div>
<p>⚠️ `reports/more.xml` is no XML: not well-formed at line 3</p>
<details open><summary>2 of 41 tests failed</summary>
<div class="test"><code>tests.test_greeting › test_hello</code><pre>assert 1 == 2
  +1
  -2</pre></div>
<div class="test"><code>test_bye</code></div>
</details>
<details><summary>the end of the log</summary><pre>collected 41 items
E   assert 1 == 2
1 failed in 12.30s</pre></details>
</li>
</ul>
<h2>⚪ ship</h2>
<ul class="jobs">
<li><div class="row"><b>⚪ Publish</b> <span class="skipped">skipped: `PyTest` failed</span> <span class="time dim"></span></div>
</li>
</ul>
<footer class="dim">Jaypore CI · <code>jci logs k3j90x2v1a JOB</code> shows what a job printed</footer>
</body>
</html>
)");
}

TEST(HtmlReport, NeedsNothingFromElsewhereAndRunsNothing) {
  const auto page = render(test::eventful_run());
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const auto* word : {"<script", "src=", "href=", "url(", "@import", "http:", "https:"})
    EXPECT_THAT(page, Not(HasSubstr(word)));
}

TEST(HtmlReport, IsReadableInTheDarkAndOnAPhone) {
  const auto page = render(test::eventful_run());
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(page, HasSubstr("width=device-width"));
}

TEST(HtmlReport, HasNoTimelineBeforeAnyJobHasStarted) {
  PipelineView view;
  view.stages = {{"Pipeline", Status::pending, {JobView{}}}};
  EXPECT_THAT(render(view), Not(HasSubstr("<svg")));
}

TEST(HtmlReport, HasTheSameElementsWhateverNamesAndLogsAre) {
  const auto expected = test::tags_of(render(test::run_of("x")));
  for (const auto& text : test::hostile_texts()) {
    if (sanitize_line(text).find_first_not_of(' ') == text.npos)
      continue;  // what is empty is not shown
    EXPECT_EQ(test::tags_of(render(test::run_of(text))), expected) << text.substr(0, 100);
  }
}

}  // namespace
}  // namespace jci
