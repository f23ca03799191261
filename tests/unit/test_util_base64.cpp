// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "jci/util/base64.hpp"

namespace jci {
namespace {

// RFC 4648, section 10.
TEST(Base64, AgreesWithTheStandardsExamples) {
  const struct {
    std::string bytes, text;
  } table[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : table) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
    EXPECT_EQ(from_base64(text.substr(0, text.find('='))), bytes) << "without padding";
  }
}

TEST(Base64, HasAnAlphabetForUrls) {
  EXPECT_EQ(base64("\xFB\xFF\xBF"), "+/+/");
  EXPECT_EQ(base64_url("\xFB\xFF\xBF"), "-_-_");
}

TEST(Base64, IsNothingElse) {
  for (const char* text : {"Zm9v Zm9v", "a*", "-_-_"}) EXPECT_EQ(from_base64(text), std::nullopt);
}

}  // namespace
}  // namespace jci
