// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "jci/util/text.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(DisplayWidth, CountsColumnsOfATerminal) {
  const struct {
    std::string_view text;
    std::size_t columns;
  } table[] = {
      {"", 0},
      {"abc", 3},
      {"é", 1},
      {"e\u0301", 1},              // combining accent
      {"a\u0300\u0301\u0302", 1},  // several
      {"検査", 4},
      {"ﾃｽﾄ", 3},  // half-width katakana
      {"Ａ", 2},   // full-width latin
      {"한국", 4},
      {"\u1112\u1161\u11AB", 2},  // the same syllable from its parts
      {"┏━", 2},                  // ambiguous width: narrow
      {"🟢", 2},
      {"⚪", 2},
      {"❤", 1},
      {"❤\uFE0F", 2},        // asked to be an emoji
      {"1\uFE0F\u20E3", 2},  // keycap
      {"👍🏽", 2},           // skin tone
      {"☝🏽", 2},
      {"👩‍💻", 2},  // joined
      {"👨‍👩‍👧‍👦", 2},
      {"🏳\uFE0F‍🌈", 2},
      {"👩‍❤\uFE0F‍👨", 2},
      {"🇫🇷", 2},
      {"🇫🇷🇩🇪", 4},
      {"🇫🇫🇫", 3},                           // a flag and a letter left over
      {"🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2},  // flag made of tags
      {"x👩‍💻y", 4},
      {"\u200B", 0},
      {"soft\u00ADhyphen", 11},
      {"\xFF", 1},
      {"a\xE2\x82", 2},         // cut off: one U+FFFD
      {"\xC0\xAF", 2},          // overlong: one for each byte
      {"\xED\xA0\x80", 3},      // surrogate
      {"\xF4\x90\x80\x80", 4},  // above U+10FFFF
      {"a\x07"
       "b",
       2},
  };
  for (const auto& row : table) EXPECT_EQ(display_width(row.text), row.columns) << row.text;
}

TEST(Cut, EndsBetweenTwoSigns) {
  const struct {
    std::string_view text;
    std::size_t columns;
    std::string_view expected;
  } table[] = {
      {"abcdef", 3, "abc"},
      {"abc", 3, "abc"},
      {"abc", 0, ""},
      {"検査", 3, "検"},
      {"e\u0301x", 1, "e\u0301"},
      {"a👩‍💻b", 2, "a"},
      {"a👩‍💻b", 3, "a👩‍💻"},
      {"🇫🇷🇩🇪", 3, "🇫🇷"},
      {"", 5, ""},
  };
  for (const auto& row : table) EXPECT_EQ(cut(row.text, row.columns), row.expected) << row.text;
}

TEST(Pad, FillsUpToColumnsAndNeverCuts) {
  EXPECT_EQ(pad("ab", 4), "ab  ");
  EXPECT_EQ(pad("検", 4), "検  ");
  EXPECT_EQ(pad("abcdef", 4), "abcdef");
}

TEST(Elide, MarksWhatItLeftOut) {
  EXPECT_EQ(elide("abcd", 4), "abcd");
  EXPECT_EQ(elide("abcde", 4), "abc…");
  EXPECT_EQ(elide("検査です", 6), "検査…");
  EXPECT_EQ(elide("abc", 1), "…");
  EXPECT_EQ(elide("abc", 0), "");
}

TEST(ToValidUtf8, ReplacesEachMalformedSequence) {
  const struct {
    std::string_view bytes;
    std::string_view expected;
  } table[] = {
      {"plain é 🟢", "plain é 🟢"},
      {"a\xFFz", "a\uFFFDz"},
      {"\x80\xBF", "\uFFFD\uFFFD"},
      {"\xE2\x82z", "\uFFFDz"},
      {"\xF0\x9F\x98", "\uFFFD"},
      {"\xE0\x80\x80", "\uFFFD\uFFFD\uFFFD"},
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
      {"caf\xE9", "caf\uFFFD"},  // Latin-1
      {"\0z"sv, "\0z"sv},
  };
  for (const auto& row : table) EXPECT_EQ(to_valid_utf8(row.bytes), row.expected);
}

TEST(Utf8Stream, KnowsACharacterWhereverItIsCutInTwo) {
  const std::string text = "a é 検 🟢 z\xFF\xF0\x9F.";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    Utf8Stream stream;
    auto all = stream.take(text.substr(0, at));
    all += stream.take(text.substr(at));
    all += stream.finish();
    EXPECT_EQ(all, to_valid_utf8(text)) << at;
  }
}

TEST(Utf8Stream, TakesByteByByteAndShowsAnUnfinishedEnd) {
  Utf8Stream stream;
  std::string all;
  for (const char c : "🟢\xE2\x82"s) all += stream.take(std::string_view(&c, 1));
  EXPECT_EQ(all, "🟢");
  EXPECT_EQ(stream.finish(), "\uFFFD");
  EXPECT_EQ(stream.finish(), "");
}

TEST(Sanitize, LeavesNothingThatDrivesATerminal) {
  const struct {
    std::string_view bytes;
    std::string_view expected;
  } table[] = {
      {"plain\ntext\n", "plain\ntext\n"},
      {"\x1B[1;31mred\x1B[0m", "red"},
      {"\x1B[2J\x1B[Hgone", "gone"},
      {"\x1B]0;title\aafter", "after"},
      {"\x1B]8;;http://x\x1B\\link\x1B]8;;\x1B\\", "link"},
      {"\x1BPq#0;2\x1B\\after", "after"},
      {"\x1B_app\xC2\x9C"
       "after",
       "after"},
      {"\x1B(B\x1B=\x1B"
       "7x",
       "x"},
      {"\x1B", ""},
      {"\x1B[", ""},
      {"\x1B[31", ""},
      {"\x1B[31é", "é"},
      {"\x1B]never ended\nnext line", "\nnext line"},
      {"\x1B\x1B[31mx", "x"},
      {"\xC2\x9B"
       "31mred",
       "red"},
      {"\xC2\x9D"
       "0;title\aafter",
       "after"},
      {"bell\a null\0 del\x7F"sv, "bell null del"},
      {"10%\r20%\r100%\r\ndone\r\n", "100%\ndone\n"},
      {"a\b\bb", "ab"},
      {"a\tb\t\tc", "a       b               c"},
      {"検\tb", "検      b"},
      {"\x1B[31m\tx", "        x"},
      {"user\u202Etxt.exe\u2066", "usertxt.exe"},
      {"a\u2028b", "ab"},
      {"\xFF\xFE", "\uFFFD\uFFFD"},
      {"👩‍💻", "👩‍💻"},
      {"", ""},
      {"\n\n", "\n\n"},
  };
  for (const auto& row : table) EXPECT_EQ(sanitize(row.bytes), row.expected);
}

TEST(SanitizeLine, JoinsLines) {
  EXPECT_EQ(sanitize_line("\na\n\nb \nc\n"), "a b c");
  EXPECT_EQ(sanitize_line("\x1B[31mred\x1B[0m\n"), "red");
  EXPECT_EQ(sanitize_line("\n"), "");
}

TEST(Counted, FollowsGrammar) {
  EXPECT_EQ(counted(0, "job"), "0 jobs");
  EXPECT_EQ(counted(1, "job"), "1 job");
  EXPECT_EQ(counted(2, "job"), "2 jobs");
  EXPECT_EQ(counted(2, "entry", "entries"), "2 entries");
}

TEST(MinutesSeconds, CountsWholeSeconds) {
  EXPECT_EQ(minutes_seconds(0s), "0: 0");
  EXPECT_EQ(minutes_seconds(3999ms), "0: 3");
  EXPECT_EQ(minutes_seconds(15s), "0:15");
  EXPECT_EQ(minutes_seconds(12min + 34s), "12:34");
  EXPECT_EQ(minutes_seconds(10h), "600: 0");
}

TEST(HumanDuration, NamesTwoUnitsAtMost) {
  EXPECT_EQ(human_duration(0s), "0 ms");
  EXPECT_EQ(human_duration(999ms), "999 ms");
  EXPECT_EQ(human_duration(3250ms), "3.2 s");
  EXPECT_EQ(human_duration(59999ms), "59.9 s");
  EXPECT_EQ(human_duration(2min + 5s), "2 min 5 s");
  EXPECT_EQ(human_duration(15min), "15 min");
  EXPECT_EQ(human_duration(1h + 59s), "1 h");
  EXPECT_EQ(human_duration(1h + 2min + 3s), "1 h 2 min");
}

TEST(Characters, AreCodePointsNotBytesNorColumns) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("aü温👩"), 4U);
  EXPECT_EQ(count_characters("e\xCC\x81"), 2U);
}

TEST(Shorten, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(shorten("aü温", 3), "aü温");
  EXPECT_EQ(shorten("aü温", 2), "a…");
  EXPECT_EQ(shorten("aü温", 1), "…");
  EXPECT_EQ(shorten("aü温", 0), "");
  EXPECT_EQ(shorten("", 0), "");
}

}  // namespace
}  // namespace jci
