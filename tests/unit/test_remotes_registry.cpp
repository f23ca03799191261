// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "jci/core/errors.hpp"
#include "jci/remotes/email.hpp"
#include "jci/remotes/file.hpp"
#include "jci/remotes/github.hpp"
#include "jci/remotes/gitlab.hpp"
#include "jci/remotes/registry.hpp"
#include "jci/remotes/telegram.hpp"
#include "jci/remotes/webhook.hpp"
#include "jci/repos/mock.hpp"

namespace jci {
namespace {

using testing::HasSubstr;
using testing::Not;

const char* everything_set(const char* name) {
  const std::string_view asked = name;
  if (asked == "JAYPORE_TELEGRAM_TOKEN") return "123:secret-one";
  if (asked == "JAYPORE_WEBHOOK_DOCS_URL") return "https://host/secret-one";
  if (asked == "JAYPORE_WEBHOOK_DOCS_SECRET") return "secret-one";
  if (asked == "JAYPORE_EMAIL_PASSWORD") return "secret-one";
  if (asked == "JAYPORE_GITHUB_TOKEN" || asked == "JAYPORE_GITLAB_TOKEN") return "secret-one";
  return nullptr;
}

const char* nothing_set(const char* /*name*/) { return nullptr; }

std::string missing(const std::string& address) {
  try {
    remote_at(address, nothing_set);
  } catch (const BadConfig& error) {
    return error.what();
  }
  return "nothing";
}

ForgeSettings forge() {
  return {.root = "https://host",
          .owner = "team",
          .repo = "widgets",
          .branch = "feature",
          .sha = "0123",
          .token = "secret-one"};
}

/// It is one line without a secret, and what is made of it has the same.
void expect_round_trip(const Remote& remote) {
  const std::string address = remote.address();
  EXPECT_EQ(address.find('\n'), std::string::npos);
  EXPECT_THAT(address, Not(HasSubstr("secret-one")));
  const auto again = remote_at(address, everything_set);
  EXPECT_EQ(again->name(), remote.name());
  EXPECT_EQ(again->address(), address);
}

TEST(RemoteAt, MakesEachRemoteFromItsAddress) {
  ForgeSettings github = forge();
  github.checks = true;
  github.pull = 12;
  expect_round_trip(*make_github_remote(github));
  expect_round_trip(*make_gitlab_remote(forge()));
  expect_round_trip(*make_telegram_remote(
      {.token = "123:secret-one", .chat = "-100", .title = "w", .message = 77}));
  expect_round_trip(*make_webhook_remote({.url = "https://host/secret-one",
                                          .format = WebhookFormat::slack,
                                          .secret = "secret-one",
                                          .progress = true,
                                          .variables = "JAYPORE_WEBHOOK_DOCS"}));
  expect_round_trip(*make_file_remote("/tmp/report.txt"));
  expect_round_trip(*make_email_remote({.port = 587,
                                        .addr = "ci@example.org",
                                        .password = "secret-one",
                                        .to = {"a@example.org", "b@example.org"},
                                        .cc = {"c@example.org"},
                                        .from = "",
                                        .ca_file = "/etc/ca.pem",
                                        .only_on_failure = true},
                                       MockRepo({.sha = "0123456789",
                                                 .branch = "main",
                                                 .remote = "https://host/team/widgets",
                                                 .commit_message = ""})));
}

TEST(RemoteAt, NamesTheVariableThatIsMissing) {
  EXPECT_EQ(missing(make_github_remote(forge())->address()),
            "to publish to GitHub, set `JAYPORE_GITHUB_TOKEN` in the environment");
  EXPECT_EQ(missing(make_telegram_remote({.token = "1:x", .chat = "1"})->address()),
            "to publish to Telegram, set `JAYPORE_TELEGRAM_TOKEN` in the environment");
  EXPECT_EQ(
      missing(
          make_webhook_remote({.url = "https://host/", .variables = "JAYPORE_WEBHOOK"})->address()),
      "to post reports to a webhook, set `JAYPORE_WEBHOOK_URL` in the environment");
}

TEST(RemoteAt, RefusesWhatIsNoAddress) {
  for (const char* odd : {"", "{", "[]", "{}", R"({"kind":"pigeon"})"})
    EXPECT_THAT(missing(odd), HasSubstr("is the address of no remote")) << odd;
}

TEST(RemoteAt, CannotReachAWebhookWhoseAddressIsInNoVariable) {
  EXPECT_EQ(make_webhook_remote({.url = "https://host/secret-one"})->address(), "");
}

}  // namespace
}  // namespace jci
