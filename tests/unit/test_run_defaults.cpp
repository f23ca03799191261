// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "jci/repos/mock.hpp"
#include "jci/run/defaults.hpp"

namespace jci::run {
namespace {

using Names = std::vector<std::string>;

/// The names of the remotes of a repository with that remote, where those variables are set.
Names remotes_of(const std::string& remote, std::vector<std::string> set,
                 const std::filesystem::path& root = "/home/a/widgets") {
  const MockRepo repo(
      {.sha = "0123", .branch = "main", .remote = remote, .commit_message = "", .root = root});
  Names names;
  for (const auto& chosen : default_remotes(repo, [&](const char* name) -> const char* {
         return std::ranges::find(set, name) == set.end() ? nullptr : "https://host/value";
       }))
    names.push_back(chosen->name());
  return names;
}

TEST(DefaultRemotes, AreGitWhereNoTokenIsSet) {
  EXPECT_EQ(remotes_of("https://git.example.org/team/widgets", {}), Names{"git"});
  EXPECT_EQ(remotes_of("https://github.com/team/widgets", {}), Names{"git"});
  EXPECT_EQ(remotes_of("", {}, ""), Names{});
}

TEST(DefaultRemotes, AreGiteaWhereItsTokenIsSet) {
  const Names both{"JAYPORE_GITEA_TOKEN", "JAYPORE_GITHUB_TOKEN"};
  EXPECT_EQ(remotes_of("https://git.example.org/team/widgets", both), Names{"gitea"});
  EXPECT_EQ(remotes_of("https://github.com/team/widgets", both), Names{"github"});
}

TEST(DefaultRemotes, AreGithubOnlyForARepositoryThatIsThere) {
  const Names token{"JAYPORE_GITHUB_TOKEN"};
  EXPECT_EQ(remotes_of("git@github.com:team/widgets.git", token), Names{"github"});
  EXPECT_EQ(remotes_of("https://git.example.org/team/widgets", token), Names{"git"});
  EXPECT_EQ(remotes_of("https://ghe.example.org/team/widgets",
                       {"JAYPORE_GITHUB_TOKEN", "JAYPORE_GITHUB_API"}),
            Names{"github"});
}

TEST(DefaultRemotes, AreGitWhereTheRepositoryIsOnNoServer) {
  EXPECT_EQ(remotes_of("/srv/git/widgets.git", {"JAYPORE_GITEA_TOKEN"}), Names{"git"});
  EXPECT_EQ(remotes_of("", {"JAYPORE_GITEA_TOKEN"}), Names{"git"});
}

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
