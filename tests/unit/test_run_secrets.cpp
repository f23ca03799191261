// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "jci/run/secrets.hpp"

namespace jci::run {
namespace {

TEST(Secrets, AreKnownByTheNamesOfTheirVariables) {
  for (const char* name :
       {"JAYPORE_GITEA_TOKEN", "GITHUB_TOKEN", "JAYPORE_EMAIL_PASSWORD", "AWS_SECRET_ACCESS_KEY",
        "JAYPORE_WEBHOOK_CHAT_URL", "npm_token", "JAYPORE_API_KEY", "GPG_PASSPHRASE"})
    EXPECT_TRUE(names_a_secret(name)) << name;
  for (const char* name : {"PATH", "HOME", "SSH_AUTH_SOCK", "JAYPORE_CA_FILE", "JAYPORE_BROWSER",
                           "JAYPORE_SECRETS", "JAYPORE_EMAIL_TO"})
    EXPECT_FALSE(names_a_secret(name)) << name;
}

TEST(Secrets, AreMaskedByValueHoweverSpelled) {
  const char* const environment[] = {"PATH=/usr/bin", "JAYPORE_DB_PASSWORD=p@ss word", nullptr};
  const Masker masker = masker_of(environment);
  EXPECT_EQ(masker.masked("p@ss word, p%40ss%20word, cEBzcyB3b3Jk, /usr/bin"),
            "********, ********, ********, /usr/bin");
}

TEST(Secrets, MayBeListedByName) {
  const char* const environment[] = {"JAYPORE_FLAVOUR=vanilla", "JAYPORE_SHAPE=square",
                                     "JAYPORE_SECRETS=JAYPORE_FLAVOUR, OTHER", nullptr};
  EXPECT_EQ(masker_of(environment).masked("vanilla square"), "******** square");
}

TEST(Secrets, AreNoneInMostEnvironments) {
  const char* const environment[] = {"PATH=/usr/bin", "JAYPORE_SECRETS=", "EMPTY_TOKEN=", nullptr};
  EXPECT_TRUE(masker_of(environment).empty());
}

}  // namespace
}  // namespace jci::run
