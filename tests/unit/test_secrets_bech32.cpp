// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "jci/secrets/bech32.hpp"

namespace jci::secrets {
namespace {

TEST(SecretsBech32, ReadsTheValidStringsOfBip173) {
  for (const char* text : {"A12UEL5L", "a12uel5l",
                           "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedc"
                           "haractersbio1tt5tgs",
                           "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "?1ezyfcl"}) {
    EXPECT_TRUE(from_bech32(text)) << text;
  }
}

TEST(SecretsBech32, RefusesWhatIsNone) {
  for (const char* text : {"", "1", "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3",
                           "A1G7SGD8", "10a06t8", "1qzzfhee", "A12uel5l", "a12uel5m",
                           "\x7f"
                           "1axkwrx",
                           "a 12uel5l"}) {
    EXPECT_FALSE(from_bech32(text)) << text;
  }
}

TEST(SecretsBech32, GivesBackBytesOfAnyLength) {
  std::string bytes;
  for (int size = 0; size < 70; ++size) {
    const std::string text = to_bech32("age", bytes);
    const auto back = from_bech32(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(back->prefix, "age");
    EXPECT_EQ(back->bytes, bytes);
    bytes += static_cast<char>(size * 37 + 11);
  }
}

TEST(SecretsBech32, NoticesEveryWrongCharacter) {
  const std::string text = to_bech32("age", "0123456789abcdef0123456789abcdef");
  for (std::size_t i = 4; i < text.size(); ++i) {
    std::string wrong = text;
    wrong[i] = wrong[i] == 'q' ? 'p' : 'q';
    EXPECT_FALSE(from_bech32(wrong)) << i;
  }
}

}  // namespace
}  // namespace jci::secrets
