// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jci/secrets/import.hpp"
#include "secrets_fixture.hpp"

namespace jci::secrets {
namespace {

std::string only_value(const std::string& text) {
  const auto all = parse_plain_dotenv("A=" + text);
  EXPECT_EQ(all.size(), 1u);
  return all.empty() ? "" : all[0].value.text();
}

TEST(DotenvImport, ReadsAFileAsPeopleWriteThem) {
  const std::string text =
      "\xef\xbb\xbf# settings\n"
      "\n"
      "  A=1\r\n"
      "export B = two words  # a remark\n"
      "C='it is $HOME\\n'\n"
      "D=\"line one\nline two\\nthree\" # a remark\n"
      "E=\n"
      "F=#none\n"
      "G=a#b=c\n"
      "H=\"\xc3\xa9 \\\"x\\\" \\$y \\z\"\n"
      "export\tI=last";
  const std::vector<Variable> all = {{"A", Wiped("1")},
                                     {"B", Wiped("two words")},
                                     {"C", Wiped("it is $HOME\\n")},
                                     {"D", Wiped("line one\nline two\nthree")},
                                     {"E", Wiped()},
                                     {"F", Wiped()},
                                     {"G", Wiped("a#b=c")},
                                     {"H", Wiped("\xc3\xa9 \"x\" $y \\z")},
                                     {"I", Wiped("last")}};
  EXPECT_EQ(parse_plain_dotenv(text), all);
}

TEST(DotenvImport, ReadsQuotesAtTheEdge) {
  EXPECT_EQ(only_value("''"), "");
  EXPECT_EQ(only_value("\"\""), "");
  EXPECT_EQ(only_value("'a\"b'"), "a\"b");
  EXPECT_EQ(only_value("a'b"), "a'b");
  EXPECT_EQ(only_value("\"\\\\\""), "\\");
  EXPECT_EQ(only_value("  \"  x  \"  "), "  x  ");
  EXPECT_EQ(only_value("'x'\r\n"), "x");
}

TEST(DotenvImport, NamesTheLineThatItCannotRead) {
  const auto said = [](const std::string& text) {
    return message_of([&] { parse_plain_dotenv(text); });
  };
  EXPECT_EQ(said("A=1\nsecret\n"), "line 2: there is no `=` in it");
  EXPECT_EQ(said("A='1\n2'\nA B=1\n"), "line 3: `A B` is no name for a variable");
  EXPECT_EQ(said("A=1\nB='open\n\n"), "line 4: a quote is not closed");
  EXPECT_EQ(said("A='1'2\n"), "line 1: something follows the closing quote");
  EXPECT_EQ(said("=1\n"), "line 1: `` is no name for a variable");
}

TEST(DotenvImport, GivesBackAnyValueThatIsQuoted) {
  RandomTexts random;
  for (int i = 0; i < 500; ++i) {
    const std::string value = random.text("ab \n\"=#\\$nrt\xc3\xa9", 12);
    EXPECT_EQ(only_value("'" + value + "'\n"), value);
    std::string escaped;
    for (const char c : value) {
      if (c == '\\' || c == '"') escaped += '\\';
      escaped += c;
    }
    EXPECT_EQ(only_value("\"" + escaped + "\"\n"), value);
  }
}

}  // namespace
}  // namespace jci::secrets
