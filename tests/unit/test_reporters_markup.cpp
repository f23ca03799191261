// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "jci/reporters/markup.hpp"

namespace jci::report {
namespace {

using namespace std::string_literals;

TEST(Markup, EscapesWhatHtmlAndXmlWouldRead) {
  EXPECT_EQ(markup_text("<a href=\"x\">'&'</a>\n]]>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;\n]]&gt;");
}

TEST(Markup, HasNoCharacterThatXmlForbids) {
  EXPECT_EQ(markup_text("a\0b\x01\x1B[1mc\x7F\xEF\xBF\xBE\xFF"s), "abc\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Markup, ShowsPlainTextAsACodeSpan) {
  EXPECT_EQ(markdown_code(" exit <b> @all\n code ", 100), "`exit <b> @all  code`");
}

TEST(Markup, ShowsWhatWouldEndASpanOrACellAsReferences) {
  EXPECT_EQ(markdown_code("a|b", 100), "<code>a&#124;b</code>");
  EXPECT_EQ(markdown_code("a`<i>", 100), "<code>a&#96;&#60;i&#62;</code>");
  EXPECT_EQ(markdown_code("\\", 100), "<code>&#92;</code>");
}

TEST(Markup, ShowsNothingOfNothing) {
  EXPECT_EQ(markdown_code(" \n ", 100), "");
  EXPECT_EQ(markdown_code("\x1B[0m", 100), "");
}

TEST(Markup, CutsInCharactersAlsoWhatTakesNoColumn) {
  EXPECT_EQ(markdown_code("äöüß", 3), "`äö…`");
  std::string accents = "a";
  for (int at = 0; at < 1'000; ++at) accents += "\xCC\x81";
  EXPECT_EQ(markdown_code(accents, 3), "`a\xCC\x81…`");
}

TEST(Markup, FencesWithMoreBackticksThanTheTextHas) {
  EXPECT_EQ(markdown_fence("a\n```\n````b\n", "text"), "`````text\na\n```\n````b\n`````\n");
  EXPECT_EQ(markdown_fence("a", "text"), "```text\na\n```\n");
}

TEST(Markup, WritesLabelsOfMermaidInLettersDigitsAndReferences) {
  EXPECT_EQ(mermaid_label("end \"x\" <b>ü🟢", 100), "\"end #34;x#34; #60;b#62;#252;#128994;\"");
  EXPECT_EQ(mermaid_label("", 100), "\" \"");
}

}  // namespace
}  // namespace jci::report
