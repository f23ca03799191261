// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <initializer_list>
#include <set>
#include <string>

#include "jci/run/job_environment.hpp"

namespace jci::run {
namespace {

TEST(BaseEnvironment, HasNoSecretOfARemote) {
  const std::initializer_list<const char*> environment{
      "HOME=/home/a",
      "JAYPORE_COLOR=red",
      "JAYPORE_RUN=x",
      "JAYPORE_EMAIL_ADDR=a@x",
      "JAYPORE_EMAIL_PASSWORD=secret",
      "JAYPORE_GITEA_TOKEN=secret",
      "JAYPORE_GITHUB_TOKEN=secret",
      "JAYPORE_GITLAB_TOKEN=secret",
      "JAYPORE_TELEGRAM_TOKEN=secret",
      "JAYPORE_WEBHOOK_URL=https://host/secret",
      "JAYPORE_WEBHOOK_SECRET=secret",
      "JAYPORE_WEBHOOK_DOCS_URL=https://host/secret",
      nullptr,
  };
  EXPECT_EQ(base_environment(environment.begin()).variables,
            (Env{{"COLOR", "red"}, {"EMAIL_ADDR", "a@x"}}));
}

TEST(BaseEnvironment, KnowsWhichVariablesAreSecret) {
  const std::initializer_list<const char*> environment{
      "AWS_SECRET_ACCESS_KEY=x",
      "JAYPORE_COLOR=red",
      "JAYPORE_DSN=x",
      "JAYPORE_DB_PASSWORD=x",
      "JAYPORE_SECRETS=JAYPORE_DSN,B",
      nullptr,
  };
  const BaseEnv env = base_environment(environment.begin());
  EXPECT_EQ(env.variables, (Env{{"COLOR", "red"}, {"DB_PASSWORD", "x"}, {"DSN", "x"}}));
  EXPECT_EQ(env.secrets, (std::set<std::string>{"DB_PASSWORD", "DSN"}));
}

}  // namespace
}  // namespace jci::run
