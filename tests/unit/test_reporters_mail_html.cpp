// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "jci/reporters/mail_html.hpp"
#include "jci/util/text.hpp"
#include "reports.hpp"
#include "tags.hpp"

namespace jci {
namespace {

using report::mail_html;
using testing::HasSubstr;
using testing::Not;

TEST(MailHtml, ShowsWhatFailedAndThenAllJobs) {
  EXPECT_EQ(mail_html(test::eventful_run()), R"(<!DOCTYPE html>
<html lang="en">
<body style="margin:0;padding:16px;background:#ffffff;color:#1f2328;font:15px/1.5 Helvetica,Arial,sans-serif">
<div style="max-width:680px;margin:0 auto">
<div style="border-left:6px solid #cf222e;padding:2px 0 2px 14px">
<h1 style="margin:0;font-size:21px">🔴 failed: PyTest</h1>
<p style="margin:2px 0">Greet people in their language<span style="color:#59636e;font-size:13px"> by Ada</span></p>
<p style="margin:2px 0;color:#59636e;font-size:13px"><code>edcb193bae</code> · on <code>greetings</code> · 2026-11-28 12:00 UTC · 17.0 s · the run before passed</p>
</div>
<p style="margin:8px 0 0">⚠️ remote `git` failed: no space left</p>
<h2 style="margin:20px 0 0;font-size:16px">🔴 PyTest: exit code 1</h2>
<p style="margin:8px 0 0">⚠️ `reports/more.xml` is no XML: not well-formed at line 3</p>
<p style="margin:8px 0 0"><code>tests.test_greeting › test_hello</code></p>
<pre style="margin:6px 0 0;padding:8px 10px;background:#f6f8fa;border:1px solid #d1d9e0;border-radius:4px;font:12px/1.45 Menlo,Consolas,monospace;white-space:pre-wrap;word-break:break-word">assert 1 == 2
  +1
  -2</pre>
<p style="margin:8px 0 0"><code>test_bye</code></p>
<p style="margin:8px 0 0;color:#59636e;font-size:13px">the end of the log</p>
<pre style="margin:6px 0 0;padding:8px 10px;background:#f6f8fa;border:1px solid #d1d9e0;border-radius:4px;font:12px/1.45 Menlo,Consolas,monospace;white-space:pre-wrap;word-break:break-word">collected 41 items
E   assert 1 == 2
1 failed in 12.30s</pre>
<table role="presentation" width="100%" cellspacing="0" cellpadding="0" style="margin:20px 0 0;border-collapse:collapse;font-size:14px">
<tr><td colspan="2" style="padding:10px 0 4px;font-weight:bold">🔴 Pipeline</td></tr>
<tr><td style="padding:6px 8px;border-top:1px solid #d1d9e0;vertical-align:top">🟢 Redis <span style="color:#1a7f37">passed</span><br><span style="color:#59636e;font-size:13px">service</span></td><td align="right" style="padding:6px 8px;border-top:1px solid #d1d9e0;vertical-align:top;color:#59636e;font-size:13px;white-space:nowrap">17.0 s</td></tr>
<tr><td style="padding:6px 8px;border-top:1px solid #d1d9e0;vertical-align:top">🟢 Black <span style="color:#1a7f37">passed</span><br><span style="color:#59636e;font-size:13px"><code>12 files</code></span></td><td align="right" style="padding:6px 8px;border-top:1px solid #d1d9e0;vertical-align:top;color:#59636e;font-size:13px;white-space:nowrap">3.0 s</td></tr>
<tr><td style="padding:6px 8px;border-top:1px solid #d1d9e0;vertical-align:top">🔴 PyTest <span style="color:#cf222e">failed: exit code 1</span><br><span style="color:#59636e;font-size:13px">after Redis and Black · tests: 38 passed, 2 failed, 1 skipped · coverage: 83.1% (+0.4)</span></td><td align="right" style="padding:6px 8px;border-top:1px solid #d1d9e0;vertical-align:top;color:#59636e;font-size:13px;white-space:nowrap">14.0 s</td></tr>
<tr><td colspan="2" style="padding:10px 0 4px;font-weight:bold">⚪ ship</td></tr>
<tr><td style="padding:6px 8px;border-top:1px solid #d1d9e0;vertical-align:top">⚪ Publish <span style="color:#6e7781">skipped: `PyTest` failed</span></td><td align="right" style="padding:6px 8px;border-top:1px solid #d1d9e0;vertical-align:top;color:#59636e;font-size:13px;white-space:nowrap"></td></tr>
</table>
<p style="margin:20px 0 0;color:#59636e;font-size:13px">Jaypore CI · <code>jci logs k3j90x2v1a JOB</code> shows what a job printed</p>
</div>
</body>
</html>
)");
}

TEST(MailHtml, HasNothingThatMailClientsDropOrFetch) {
  const auto mail = mail_html(test::eventful_run());
  for (const auto* word : {"<style", "<script", "<svg", "<link", "class=", "src=", "href=", "url(",
                           "http:", "https:", "var("})
    EXPECT_THAT(mail, Not(HasSubstr(word)));
}

TEST(MailHtml, HasTheSameElementsWhateverNamesAndLogsAre) {
  const auto expected = test::tags_of(mail_html(test::run_of("x")));
  for (const auto& text : test::hostile_texts()) {
    if (sanitize_line(text).find_first_not_of(' ') == text.npos)
      continue;  // what is empty is not shown
    EXPECT_EQ(test::tags_of(mail_html(test::run_of(text))), expected) << text.substr(0, 100);
  }
}

TEST(MailHtml, StaysBelowWhatClientsCutWhateverHappened) {
  auto view = test::run_of(std::string(20'000, '"') + std::string(20'000, '\n'));
  for (int more = 0; more < 8; ++more)
    view.stages.insert(view.stages.end(), view.stages.begin(), view.stages.begin() + 1);
  for (auto& stage : view.stages)
    for (int more = 0; more < 7; ++more) {
      const auto jobs = stage.jobs;
      stage.jobs.insert(stage.jobs.end(), jobs.begin(), jobs.end());
    }
  for (auto& stage : view.stages)
    for (auto& job : stage.jobs) {
      job.status = Status::failed;
      for (int line = 0; line < 100; ++line) job.log_tail += std::string(500, '"') + "\n";
    }
  const auto mail = mail_html(view);
  EXPECT_LT(mail.size(), 100'000U);
  EXPECT_THAT(mail, HasSubstr(" more jobs</p>"));
  EXPECT_THAT(mail, HasSubstr("</table>"));
}

}  // namespace
}  // namespace jci
