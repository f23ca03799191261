// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jci/util/base64.hpp"
#include "jci/util/masker.hpp"
#include "jci/util/spellings.hpp"

namespace jci {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

TEST(Spellings, AreThoseOfProgramsThatQuoteOrEncode) {
  const auto texts = spellings("pa/ss \"w\xC3\xB6rd'<&\xF0\x9F\x94\x91");
  for (const char* expected : {
           "pa/ss \"w\xC3\xB6rd'<&\xF0\x9F\x94\x91",
           "cGEvc3MgInfDtnJkJzwm8J+UkQ==",  // base64
           "cGEvc3MgInfDtnJkJzwm8J-UkQ==",
           "70612f7373202277c3b67264273c26f09f9491",  // xxd -p
           "70612F7373202277C3B67264273C26F09F9491",
           "pa%2Fss%20%22w%C3%B6rd%27%3C%26%F0%9F%94%91",  // encodeURIComponent, but for the '
           "pa%2fss%20%22w%c3%b6rd%27%3c%26%f0%9f%94%91",
           "pa/ss%20%22w%C3%B6rd%27%3C%26%F0%9F%94%91",               // urllib.parse.quote
           "pa%2Fss+%22w%C3%B6rd%27%3C%26%F0%9F%94%91",               // urllib.parse.quote_plus
           "pa/ss \\\"w\xC3\xB6rd'<&\xF0\x9F\x94\x91",                // JSON.stringify
           "pa/ss \\\"w\\u00f6rd'<&\\ud83d\\udd11",                   // json.dumps
           "pa\\/ss \\\"w\xC3\xB6rd'<&\xF0\x9F\x94\x91",              // json_encode
           "pa/ss &quot;w\xC3\xB6rd&#x27;&lt;&amp;\xF0\x9F\x94\x91",  // html.escape
           "pa/ss \"w\xC3\xB6rd'<&\xF0\x9F\x94\x91",
       })
    EXPECT_THAT(texts, Contains(expected));
}

TEST(Spellings, OfBase64HoldWhateverStandsBeforeAndBehind) {
  const std::string secret = "correct horse battery";
  const Masker masker(spellings(secret));
  for (const char* before : {"", "u", "us", "user:", "user::", "some longer text "}) {
    for (const char* behind : {"", "\n", "@", "@h", "@host", "?"}) {
      const std::string safe = masker.masked(base64(before + secret + behind));
      EXPECT_THAT(safe, testing::HasSubstr("********"));
      // What is left of it are the signs at the edges, which it shares with what stands around it.
      const std::string left = from_base64(safe.substr(0, safe.find('*'))).value_or("?");
      EXPECT_LE(left.size(), std::string(before).size() + 1) << before << "|" << behind;
    }
  }
}

TEST(Spellings, OfSeveralLinesAreEachLineToo) {
  const auto texts = spellings("-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nab\n");
  EXPECT_THAT(texts, Contains("MIIEvQIBADANBgkq"));
  EXPECT_THAT(texts, Not(Contains("ab")));
}

TEST(Spellings, OfNothingAreNone) { EXPECT_THAT(spellings(""), IsEmpty()); }

TEST(Spellings, OfBytesThatAreNoTextAreFoundAsTheyAre) {
  const std::string secret = "\xFF\xFE\x00\x01\x80zz";
  EXPECT_THAT(spellings(secret), Contains(secret));
}

}  // namespace
}  // namespace jci
