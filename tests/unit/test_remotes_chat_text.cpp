// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "jci/remotes/chat_text.hpp"
#include "jci/remotes/telegram.hpp"
#include "jci/remotes/webhook.hpp"
#include "views.hpp"

namespace jci {
namespace {

using test::view_with;

std::string lines(int count) {
  std::string text;
  for (int line = 0; line < count; ++line) text += "12345678é\n";
  return text;
}

TEST(ChatText, IsMeasuredAsServicesMeasureIt) {
  EXPECT_EQ(characters("aä🟢"), 3U);
  EXPECT_EQ(utf16_units("aä🟢"), 4U);
}

TEST(ChatText, KeepsTheFirstLinesOfWhatIsTooLong) {
  EXPECT_EQ(first_lines(lines(10), 100, characters), lines(10));
  EXPECT_EQ(first_lines(lines(11), 100, characters), lines(6) + "… 5 more lines\n");
  EXPECT_EQ(first_lines(std::string(200, 'x'), 100, characters), "… 1 more line\n");
}

TEST(TelegramText, CannotBeBrokenOutOf) {
  EXPECT_EQ(telegram_text("🔴 a <b> & c", "</pre><b>&amp;\n"),
            "<b>🔴 a &lt;b&gt; &amp; c</b>\n<pre>&lt;/pre&gt;&lt;b&gt;&amp;amp;\n</pre>");
}

TEST(TelegramText, IsNeverLongerThanTelegramTakes) {
  std::string report;
  for (int line = 0; line < 1000; ++line) report += "🟢 <passed> in 3 s\n";
  const std::string text = telegram_text("done", report);
  EXPECT_TRUE(text.ends_with(" more lines\n</pre>"));
  std::string shown = text;
  for (const auto* tag : {"<b>", "</b>", "<pre>", "</pre>"}) replace_all(shown, tag, "");
  replace_all(shown, "&lt;", "<");
  replace_all(shown, "&gt;", ">");
  EXPECT_LE(utf16_units(shown), 4096U);
  EXPECT_GT(utf16_units(shown), 4000U);
}

TEST(WebhookBody, IsTheJsonReportItself) {
  const std::string report = R"({"schema":1,"status":"PASSED"})";
  EXPECT_EQ(webhook_body(WebhookFormat::json, report, view_with(Status::passed), "t"), report);
}

TEST(WebhookBody, HasAnyOtherReportInAnObject) {
  EXPECT_EQ(
      webhook_body(WebhookFormat::json, "╔ \"ok\"\xff", view_with(Status::passed), "w [b 0]"),
      R"({"title":"w [b 0]","status":"PASSED","sha":"","branch":"","run":"","report":"╔ \"ok\"�"})");
}

TEST(WebhookBody, OfSlackCannotCallAnybody) {
  EXPECT_EQ(webhook_body(WebhookFormat::slack, "<!channel> ```\n", view_with(Status::failed),
                         "w <!here>"),
            R"({"text":"🔴 FAILED w &lt;!here&gt;: failed\n```\n&lt;!channel&gt; '''\n```"})");
}

TEST(WebhookBody, OfDiscordMentionsNobodyAndIsShort) {
  const std::string body =
      webhook_body(WebhookFormat::discord, lines(1000), view_with(Status::passed), "@everyone");
  EXPECT_NE(body.find(R"("allowed_mentions":{"parse":[]})"), std::string::npos);
  EXPECT_EQ(body.find("@everyone"), std::string::npos);
  EXPECT_LE(characters(body), 2000U);
}

TEST(WebhookBody, OfMattermostIsMarkdown) {
  EXPECT_EQ(webhook_body(WebhookFormat::mattermost, "ok", view_with(Status::passed), "w"),
            R"({"text":"🟢 PASSED w: passed\n\n```\nok\n```"})");
}

TEST(WebhookBody, OfMatrixIsTextAndHtml) {
  EXPECT_EQ(webhook_body(WebhookFormat::matrix, "a < b\n", view_with(Status::passed), "w"),
            R"({"text":"🟢 PASSED w: passed\na < b\n",)"
            R"("html":"<p>🟢 PASSED w: passed</p><pre><code>a &lt; b\n</code></pre>"})");
}

}  // namespace
}  // namespace jci
