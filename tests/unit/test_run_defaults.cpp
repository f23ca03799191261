// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
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

}  // namespace
}  // namespace jci::run
