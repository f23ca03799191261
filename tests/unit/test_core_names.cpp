// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <vector>

#include "jci/core/names.hpp"

namespace jci {
namespace {

using Names = std::vector<std::string_view>;

TEST(CleanName, KeepsLettersAndDigits) { EXPECT_EQ(clean_name("Test42"), "Test42"); }

TEST(CleanName, TurnsEachOtherCharacterIntoOneDash) {
  EXPECT_EQ(clean_name("Test: {'A': 'b'}"), "Test----A----b--");
  EXPECT_EQ(clean_name("../../etc"), "------etc");
  EXPECT_EQ(clean_name("$(rm -rf)\n"), "--rm--rf--");
}

TEST(CleanName, CountsCharactersNotBytes) {
  EXPECT_EQ(clean_name("é"), "-");
  EXPECT_EQ(clean_name("a€b"), "a-b");
  EXPECT_EQ(clean_name("🟢🟢"), "--");
  EXPECT_EQ(clean_name("\U0010FFFF"), "-");
}

TEST(CleanName, CountsEachByteThatIsNoUtf8) {
  EXPECT_EQ(clean_name("\xFF\xFE"), "--");
  EXPECT_EQ(clean_name("\xC3"), "-");                 // cut short
  EXPECT_EQ(clean_name("\xE2\x82"), "--");            // cut short
  EXPECT_EQ(clean_name("\xE2\x82z"), "--z");          // broken off
  EXPECT_EQ(clean_name("\xC0\x80"), "--");            // overlong
  EXPECT_EQ(clean_name("\xED\xA0\x80"), "---");       // a surrogate
  EXPECT_EQ(clean_name("\xF4\x90\x80\x80"), "----");  // above U+10FFFF
}

TEST(CleanName, LeavesACleanedNameAsItIs) {
  const auto once = clean_name("Prüfe: ./x y");
  EXPECT_EQ(clean_name(once), once);
}

TEST(Nearest, FindsATypingMistake) {
  const Names names = {"test", "build", "lint"};
  EXPECT_EQ(nearest("biuld", names), "build");
  EXPECT_EQ(nearest("BUILD", names), "build");
  EXPECT_EQ(nearest("tst", names), "test");
  EXPECT_EQ(nearest("lintt", names), "lint");
}

TEST(Nearest, CountsASwapOfNeighboursAsOneMistake) {
  EXPECT_EQ(nearest("ab1", Names{"ba1"}), "ba1");
  EXPECT_EQ(nearest("ab1", Names{"bc1"}), std::nullopt);
}

TEST(Nearest, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("deploy", Names{"test", "build"}), std::nullopt);
  EXPECT_EQ(nearest("deploy", Names{}), std::nullopt);
  EXPECT_EQ(nearest("x", Names{"y"}), std::nullopt);
  EXPECT_EQ(nearest("", Names{"y"}), std::nullopt);
}

TEST(Nearest, PrefersTheSmallerDistanceThenTheFirst) {
  EXPECT_EQ(nearest("tests", Names{"texts-", "test1", "test2"}), "test1");
}

TEST(DidYouMean, EndsAMessageOrAddsNothing) {
  EXPECT_EQ(did_you_mean("biuld", Names{"build"}), "; did you mean `build`?");
  EXPECT_EQ(did_you_mean("deploy", Names{"build"}), "");
}

}  // namespace
}  // namespace jci
