// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "jci/util/masker.hpp"

namespace jci {
namespace {

std::string in_pieces(const Masker& masker, std::string_view text, std::size_t size) {
  MaskingStream stream(masker);
  std::string safe;
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size())))
    safe += stream.take(text.substr(0, size));
  return safe + stream.finish();
}

TEST(Masker, PutsStarsInPlaceOfWords) {
  const Masker masker({"hunter2", "correct horse"});
  EXPECT_EQ(masker.masked("user bob password hunter2!\nand correct horse."),
            "user bob password ********!\nand ********.");
  EXPECT_EQ(masker.masked("nothing to hide, hunter1"), "nothing to hide, hunter1");
  EXPECT_EQ(masker.masked("hunter2"), "********");
  EXPECT_EQ(masker.masked(""), "");
}

TEST(Masker, WithoutWordsChangesNothing) {
  EXPECT_TRUE(Masker().empty());
  EXPECT_TRUE(Masker({"", "abc", "a\nb\r\nc"}).empty()) << "too short to look for";
  EXPECT_EQ(Masker({"abc"}).masked("abc"), "abc");
}

TEST(Masker, HidesWordsThatOverlapOrLieInOneAnother) {
  EXPECT_EQ(Masker({"abcdef", "defghi"}).masked("xabcdefghix"), "x********x");
  EXPECT_EQ(Masker({"secret", "topsecretplan"}).masked("topsecretplan topsecretplum"),
            "******** top********plum");
  EXPECT_EQ(Masker({"abcd", "abcdefgh"}).masked("abcdefg abcdefgh"), "********efg ********");
  EXPECT_EQ(Masker({"aaaa"}).masked("baaaaaaaab"), "b********b");
}

TEST(Masker, SeesAWordThatIsSplitOverLines) {
  const Masker masker({"hunter2secret"});
  EXPECT_EQ(masker.masked("<hunt\ner2s\r\necret>"), "<********>");
  EXPECT_EQ(masker.masked("h\nu\nn\nt\ne\nr\n2\ns\ne\nc\nr\ne\nt\n"), "********\n");
  EXPECT_EQ(Masker({"line one\nline two\n"}).masked("[line one\r\nline two]"), "[********]");
}

TEST(Masker, KeepsLinesThatAreNoWord) {
  const Masker masker({"hunter2"});
  EXPECT_EQ(masker.masked("oh\nhunt\n\nhunter\r\nh\n"), "oh\nhunt\n\nhunter\r\nh\n");
  EXPECT_EQ(masker.masked("hunter2\nhunter2\n"), "********\n********\n");
}

TEST(MaskingStream, FindsWordsWhereverTheTextIsCut) {
  const Masker masker({"hunter2", "hunter2hunter3", "secret"});
  const std::string text = "a hunter2hunter3 b hunter2hunter4 sec\nret secre t huntersecret";
  const std::string safe = "a ******** b ********hunter4 ******** secre t hunter********";
  for (std::size_t size = 1; size <= text.size(); ++size)
    EXPECT_EQ(in_pieces(masker, text, size), safe) << "pieces of " << size;
}

TEST(MaskingStream, HoldsBackOnlyWhatMayBecomeAWord) {
  const Masker masker({"hunter2"});
  MaskingStream stream(masker);
  EXPECT_EQ(stream.take("password: hun"), "password: ");
  EXPECT_EQ(stream.take("ger\n"), "hunger\n");
  EXPECT_EQ(stream.take("hunter2"), "********");
  EXPECT_EQ(stream.take("\n"), "\n") << "a word that cannot go on is not waited for";
  EXPECT_EQ(stream.take("hunte"), "");
  EXPECT_EQ(stream.finish(), "hunte");
  EXPECT_EQ(stream.take("r2"), "r2") << "as new";
}

// The same by looking for each word at each place.
std::string masked_slowly(const std::vector<std::string>& words, std::string_view text) {
  std::vector<bool> hidden(text.size());
  for (const std::string& word : words) {
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
      std::size_t at = begin, matched = 0;
      for (; at < text.size() && matched < word.size(); ++at) {
        if (text[at] == word[matched]) {
          ++matched;
        } else if (text[at] != '\n' || matched == 0) {
          break;
        }
      }
      if (matched == word.size())
        std::fill(hidden.begin() + static_cast<long>(begin), hidden.begin() + static_cast<long>(at),
                  true);
    }
  }
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!hidden[i]) safe += text[i];
    if (hidden[i] && (i == 0 || !hidden[i - 1])) safe += "********";
  }
  return safe;
}

TEST(MaskingStream, AgreesWithASearchForEachWordAtEachPlace) {
  std::mt19937 random(7);
  const auto some = [&](std::size_t least, std::size_t most, std::string_view signs) {
    std::string text(least + random() % (most - least + 1), ' ');
    for (char& c : text) c = signs[random() % signs.size()];
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < 1 + random() % 5; ++i) words.push_back(some(4, 9, "abc"));
    const std::string text = some(0, 120, "abc\n");
    const Masker masker(words);
    ASSERT_EQ(in_pieces(masker, text, 1 + random() % 20), masked_slowly(words, text)) << text;
  }
}

TEST(Masker, TakesTheBeginningOfAWordForItWhereATextWasCut) {
  const Masker masker({"hunter2secret"});
  EXPECT_EQ(masker.masked_beginning("pw hunter2sec"), "pw ********");
  EXPECT_EQ(masker.masked_beginning("pw hunt"), "pw ********");
  EXPECT_EQ(masker.masked_beginning("such"), "such") << "one letter is no secret";
  EXPECT_EQ(masker.masked("pw hunter2sec"), "pw hunter2sec") << "a text that ends there";
}

TEST(MaskingStream, TakesAnyBytes) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const Masker masker({all});
  EXPECT_EQ(masker.masked("<" + all + ">"), "<********>");
  EXPECT_EQ(masker.masked(all.substr(0, 255)), all.substr(0, 255));
}

}  // namespace
}  // namespace jci
