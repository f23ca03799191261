// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jci/secrets/sops_file.hpp"
#include "secrets_fixture.hpp"

namespace jci::secrets {
namespace {

constexpr const char* k_file =
    "A=ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]\n"
    "#comment\n"
    "sops_version=3.7.3\n"
    "sops_something_new=x=y\n"
    "sops_mac=m\n"
    "sops_age__list_0__map_recipient=age1a\n"
    "sops_age__list_0__map_enc=one\\ntwo\\n\n"
    "sops_lastmodified=2026-11-22T08:26:05Z\n";

std::vector<std::string> names(const SopsMetadata& metadata) {
  std::vector<std::string> all;
  for (const auto& [name, value] : metadata.fields()) all.push_back(name);
  return all;
}

TEST(SopsFile, KeepsWhatItDoesNotKnowAndTheOrderOfOldFiles) {
  EXPECT_EQ(to_text(parse_sops_file(k_file)), k_file);
  for (const char* name : {"a-3.8.1.enc", "a-3.13.2.enc", "ab-3.13.2.enc"})
    EXPECT_EQ(to_text(parse_sops_file(sample(name))), sample(name));
}

TEST(SopsFile, FindsTheKeysOfAgeInAnyOrder) {
  using Keys = std::vector<SopsMetadata::AgeKey>;
  SopsMetadata metadata = parse_sops_file(k_file).metadata;
  EXPECT_EQ(metadata.age_keys(), (Keys{{"age1a", "one\ntwo\n"}}));
  metadata.set_age_keys({{"age1b", "b"}, {"age1c", "c"}});
  EXPECT_EQ(metadata.age_keys(), (Keys{{"age1b", "b"}, {"age1c", "c"}}));
  metadata.set_age_keys({{"age1d", "d"}});
  EXPECT_EQ(metadata.age_keys(), (Keys{{"age1d", "d"}}));
  EXPECT_EQ(names(metadata), (std::vector<std::string>{"version", "something_new", "mac",
                                                       "age__list_0__map_recipient",
                                                       "age__list_0__map_enc", "lastmodified"}));
}

TEST(SopsFile, SortsNewFieldsIntoASortedFile) {
  SopsMetadata metadata;
  for (const char* name : {"version", "mac", "lastmodified", "unencrypted_suffix"})
    metadata.set(name, "x");
  metadata.set_age_keys({{"age1a", "a"}});
  EXPECT_EQ(names(metadata),
            (std::vector<std::string>{"age__list_0__map_enc", "age__list_0__map_recipient",
                                      "lastmodified", "mac", "unencrypted_suffix", "version"}));
}

TEST(SopsFile, NamesWhatElseOpensIt) {
  const std::string file = k_file;
  EXPECT_EQ(parse_sops_file(file).metadata.other_keys(), std::nullopt);
  EXPECT_EQ(parse_sops_file(file + "sops_pgp__list_0__map_fp=X\n").metadata.other_keys(), "pgp");
}

TEST(SopsFile, RefusesWhatIsNoneOrBeyondIt) {
  const std::string file = k_file;
  const auto problem = [](const std::string& text) {
    return problem_of([&] { parse_sops_file(text); });
  };
  EXPECT_EQ(problem("A=1\n"), Problem::malformed);
  EXPECT_EQ(problem(replaced(file, "sops_mac=", "sops_mack=")), Problem::malformed);
  EXPECT_EQ(problem(replaced(file, "#comment", "comment")), Problem::malformed);
  EXPECT_EQ(problem(replaced(file, "#comment", "=======")), Problem::conflict);
  EXPECT_EQ(problem(file + "sops_shamir_threshold=2\n"), Problem::unsupported);
  EXPECT_EQ(problem(file + "sops_shamir_threshold=0\n"), std::nullopt);
  EXPECT_EQ(problem(file + "sops_key_groups__list_0__map_age__list_0__map_enc=x\n"),
            Problem::unsupported);
  EXPECT_EQ(problem(file + "sops_mac_only_encrypted=true\n"), Problem::unsupported);
  EXPECT_EQ(problem(file + "sops_mac_only_encrypted=false\n"), std::nullopt);
}

TEST(SopsFile, ReadsAnEncryptedValueInItsOneSpelling) {
  const std::string text =
      "ENC[AES256_GCM,data:MTI=,iv:YWJj,tag:MDEyMzQ1Njc4OWFiY2RlZg==,type:str]";
  const auto value = parse_sealed_value(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, (SealedValue{"120123456789abcdef", "abc", "str"}));
  EXPECT_EQ(to_text(*value), text);
  for (const std::string& wrong :
       {std::string(), std::string("plain"), text + " ", replaced(text, "ENC", "enc"),
        replaced(text, "AES256_GCM", "AES128_GCM"), replaced(text, "MTI=", "MTI"),
        replaced(text, "MTI=", "MTJ="), replaced(text, "iv:YWJj", "iv:"),
        replaced(text, "iv:YWJj,", ""), replaced(text, "MDEyMzQ1Njc4OWFiY2RlZg==", "MDEy"),
        replaced(text, ",type:str", ""), replaced(text, "]", ",more]")}) {
    EXPECT_FALSE(parse_sealed_value(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace jci::secrets
