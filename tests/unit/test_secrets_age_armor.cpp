// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "jci/secrets/age_armor.hpp"
#include "secrets_fixture.hpp"

namespace jci::secrets {
namespace {

const std::string k_text =
    "-----BEGIN AGE ENCRYPTED FILE-----\n"
    "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3\n"
    "ODk=\n"
    "-----END AGE ENCRYPTED FILE-----\n";
constexpr const char* k_bytes = "01234567890123456789012345678901234567890123456789";

TEST(AgeArmor, BreaksLinesAsPemDoes) {
  EXPECT_EQ(armor(k_bytes), k_text);
  EXPECT_EQ(dearmor(k_text), k_bytes);
}

TEST(AgeArmor, GivesBackBytesOfAnyLength) {
  std::string bytes;
  for (int size = 0; size < 200; ++size) {
    EXPECT_EQ(dearmor(armor(bytes)), bytes);
    bytes += static_cast<char>(size * 7);
  }
}

TEST(AgeArmor, TakesOtherLineEndsAndSpaceAround) {
  std::string dos;
  for (const char c : k_text) {
    if (c == '\n') dos += '\r';
    dos += c;
  }
  EXPECT_EQ(dearmor(dos), k_bytes);
  EXPECT_EQ(dearmor("\n \t" + k_text + " \n\n"), k_bytes);
  EXPECT_EQ(dearmor(k_text.substr(0, k_text.size() - 1)), k_bytes);
}

TEST(AgeArmor, RefusesWhatIsNotStrict) {
  const std::string& text = k_text;
  for (const std::string& wrong : {
           std::string(),
           "x" + text,
           text + "x",
           replaced(text, "BEGIN", "begin"),
           replaced(text, "END", "FIN"),
           replaced(text, "-----END AGE ENCRYPTED FILE-----\n", ""),
           replaced(text, "FILE-----\n", "FILE-----\n\n"),
           replaced(text, "ODk=", "ODk"),
           replaced(text, "ODk=", "ODl="),
           replaced(text, "ODk=", "OD\nk="),
           replaced(text, "ODk=", "ODk= "),
           replaced(text, "ODk=", " ODk="),
           replaced(text, "ODk=", "ODk=\n\n"),
           replaced(text, "ODk=", "OD-="),
           replaced(text, "NTY3\n", "NTY3"),
           replaced(text, "NTY3\n", "\nNTY3"),
           replaced(text, "FILE-----\n", "FILE-----\nVersion: 1\n\n"),
       }) {
    EXPECT_EQ(problem_of([&] { dearmor(wrong); }), Problem::malformed) << wrong;
  }
}

}  // namespace
}  // namespace jci::secrets
