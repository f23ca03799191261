// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jci/secrets/age_header.hpp"
#include "secrets_fixture.hpp"

namespace jci::secrets {
namespace {

const std::string k_code(32, 'c');

std::string whole(const std::vector<Stanza>& stanzas) {
  return header_text(stanzas) + ' ' + unpadded_base64(k_code) + "\npayload\n";
}

TEST(AgeHeader, IsReadAsItIsWritten) {
  // Bodies around the length of a line, 48 bytes, the last with an empty line behind full ones.
  std::vector<Stanza> stanzas;
  for (const std::size_t size : {0u, 1u, 32u, 47u, 48u, 49u, 96u})
    stanzas.push_back({{"type", "!argument~"}, std::string(size, 'x')});
  stanzas.push_back({{"joint-oil-grease"}, "y"});
  const std::string file = whole(stanzas);
  const Header header = parse_header(file);
  EXPECT_EQ(header.stanzas, stanzas);
  EXPECT_EQ(header.code, k_code);
  EXPECT_EQ(header.under_code, header_text(stanzas));
  EXPECT_EQ(header.payload, "payload\n");
}

TEST(AgeHeader, LooksAsTheSpecificationShowsIt) {
  EXPECT_EQ(header_text({{{"X25519", "TEiF0ypqr"}, "0123456789"}}),
            "age-encryption.org/v1\n-> X25519 TEiF0ypqr\nMDEyMzQ1Njc4OQ\n---");
}

TEST(AgeHeader, RefusesWhatIsNotStrict) {
  const std::string file = whole({{{"X25519", "abc"}, "0123456789"}});
  const std::string body = "MDEyMzQ1Njc4OQ";
  for (const std::string& wrong : {
           std::string(),
           std::string("age"),
           std::string("age-encryption.org/v1\n"),
           std::string("age-encryption.org/v1"),
           " " + file,
           replaced(file, "v1\n", "v1\n\n"),
           replaced(file, "-> X25519", "->X25519"),
           replaced(file, "-> X25519", "->  X25519"),
           replaced(file, "-> X25519", "=> X25519"),
           replaced(file, "-> X25519 abc", "->"),
           replaced(file, "abc\n", "abc \n"),
           replaced(file, "abc\n", "abc\r\n"),
           replaced(file, "abc\n", "\x7f\n"),
           replaced(file, body, body + "=="),
           replaced(file, body, "MDEyMzQ1Njc4OR"),
           replaced(file, body, body + "\n" + body),
           replaced(file, body + "\n", ""),
           replaced(file, body, std::string(65, 'A')),
           replaced(file, body, "M" + std::string(63, 'A')),
           replaced(file, body, " " + body),
           replaced(file, "--- ", "---"),
           replaced(file, "--- ", "---  "),
           replaced(file, "--- ", "--"),
           replaced(file, "\npayload", " \npayload"),
           replaced(file, "\npayload", "=\npayload"),
           replaced(file, unpadded_base64(k_code), ""),
           replaced(file, unpadded_base64(k_code), "YWJj"),
           file.substr(0, file.size() - 9),
           replaced(file, "-> X25519 abc\n" + body + "\n", ""),
       }) {
    EXPECT_EQ(problem_of([&] { parse_header(wrong); }), Problem::malformed) << wrong;
  }
}

TEST(AgeHeader, SaysThatItKnowsNoOtherVersion) {
  EXPECT_EQ(problem_of([] { parse_header("age-encryption.org/v2\n-> x\n\n--- y\n"); }),
            Problem::unsupported);
}

}  // namespace
}  // namespace jci::secrets
