// SPDX-License-Identifier: MIT
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "jci/core/errors.hpp"
#include "jci/core/repo.hpp"
#include "jci/remotes/forge.hpp"
#include "jci/remotes/gitea.hpp"
#include "jci/remotes/github.hpp"
#include "jci/remotes/gitlab.hpp"
#include "jci/repos/mock.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

using Environment = std::map<std::string, std::string>;

Variables variables(Environment environment) {
  return [environment = std::move(environment)](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
}

MockRepo repo_at(const std::string& remote) {
  return MockRepo({.sha = "0123456789abcdef",
                   .branch = "feature",
                   .remote = remote,
                   .commit_message = "Fix it\n\nWell."},
                  {});
}

/// Root, owner and name that are made of a remote.
std::string place(const ForgeSettings& settings) {
  return settings.root + " " + settings.owner + " " + settings.repo;
}

std::string gitea_at(const std::string& remote, Environment environment = {}) {
  environment.emplace("JAYPORE_GITEA_TOKEN", "t0ken");
  return place(gitea_settings_from_env(variables(environment), repo_at(remote)));
}

std::string gitlab_at(const std::string& remote, Environment environment = {}) {
  environment.emplace("JAYPORE_GITLAB_TOKEN", "t0ken");
  return place(gitlab_settings_from_env(variables(environment), repo_at(remote)));
}

std::string github_at(const std::string& remote, Environment environment = {}) {
  environment.emplace("JAYPORE_GITHUB_TOKEN", "t0ken");
  return place(github_settings_from_env(variables(environment), repo_at(remote)));
}

template <class Call>
std::string bad_config(const Call& call) {
  try {
    call();
  } catch (const BadConfig& error) {
    return error.what();
  }
  return "no BadConfig";
}

TEST(Forge, IsFoundWhereTheRepositoryIs) {
  EXPECT_EQ(gitea_at("https://git.example.org/team/widgets.git"),
            "https://git.example.org team widgets");
  EXPECT_EQ(gitea_at("http://localhost:3000/gitea/team/widgets"),
            "http://localhost:3000/gitea team widgets");
  EXPECT_EQ(gitea_at("ssh://git@git.example.org:2222/team/widgets.git"),
            "https://git.example.org team widgets");
  EXPECT_EQ(gitea_at("git@git.example.org:team/widgets.git"),
            "https://git.example.org team widgets");
  EXPECT_EQ(github_at("git@github.com:team/widgets.git"), "https://api.github.com team widgets");
}

TEST(Forge, IsWhereTheEnvironmentSays) {
  EXPECT_EQ(gitea_at("git@git.example.org:team/widgets.git",
                     {{"JAYPORE_GITEA_ROOT", "https://git.example.org:8443/gitea/"}}),
            "https://git.example.org:8443/gitea team widgets");
  EXPECT_EQ(github_at("git@ghe.example.org:team/widgets.git",
                      {{"JAYPORE_GITHUB_API", "https://ghe.example.org/api/v3"}}),
            "https://ghe.example.org/api/v3 team widgets");
}

TEST(Forge, KnowsTheNestedGroupsOfGitlab) {
  EXPECT_EQ(gitlab_at("https://gitlab.com/group/sub/widgets.git"),
            "https://gitlab.com group/sub widgets");
  EXPECT_EQ(gitlab_at("https://host/gitlab/group/sub/widgets.git",
                      {{"JAYPORE_GITLAB_ROOT", "https://host/gitlab"}}),
            "https://host/gitlab group/sub widgets");
}

TEST(Forge, NeedsARemoteWithAnOwner) {
  EXPECT_THAT(bad_config([] { gitea_at("/srv/git/widgets.git"); }),
              HasSubstr("`/srv/git/widgets.git`"));
  EXPECT_THAT(bad_config([] { gitea_at(""); }), HasSubstr("needs a remote"));
}

TEST(Forge, NamesTheVariableThatIsMissing) {
  EXPECT_EQ(bad_config([] {
              gitea_settings_from_env(variables({{"JAYPORE_GITEA_TOKEN", " "}}),
                                      repo_at("https://git.example.org/team/widgets"));
            }),
            "to publish to Gitea, set `JAYPORE_GITEA_TOKEN` in the environment");
}

ForgeSettings usable() {
  return {.root = "https://git.example.org",
          .owner = "team",
          .repo = "widgets",
          .branch = "feature",
          .sha = "0123456789abcdef",
          .token = "t0ken"};
}

TEST(Forge, RefusesSettingsThatCannotWork) {
  const auto refused = [](auto change) {
    ForgeSettings settings = usable();
    change(settings);
    return bad_config([&] { expect_usable(settings); });
  };
  EXPECT_EQ(refused([](auto& settings) { settings.root = "git.example.org"; }),
            "`git.example.org` is no address of a server; write `https://HOST[:PORT][/PATH]`");
  EXPECT_THAT(refused([](auto& settings) { settings.root = "ftp://host"; }),
              HasSubstr("no address"));
  EXPECT_THAT(refused([](auto& settings) { settings.root = "https://host/?x=1"; }),
              HasSubstr("no address"));
  const std::string odd_token = refused([](auto& settings) { settings.token = "two\nlines"; });
  EXPECT_THAT(odd_token, HasSubstr("token"));
  EXPECT_THAT(odd_token, Not(HasSubstr("lines")));
  EXPECT_THAT(refused([](auto& settings) { settings.owner = ""; }), HasSubstr("`owner`"));
}

TEST(Forge, CanBeMadeAgainFromItsAddress) {
  ForgeSettings settings = usable();
  settings.root = "https://host:8443/gitea";
  settings.title = "Fix \"it\"\n";
  settings.context = "nightly";
  settings.comment = true;
  settings.job_statuses = true;
  settings.ca_file = "/etc/ca.pem";
  settings.timeout = 1500ms;
  settings.pull = 12;
  const std::string address = make_gitea_remote(settings)->address();
  EXPECT_EQ(address.find('\n'), std::string::npos);
  EXPECT_THAT(address, Not(HasSubstr("t0ken")));
  const auto again = gitea_remote_at(boost::json::parse(address).as_object(),
                                     variables({{"JAYPORE_GITEA_TOKEN", "t0ken"}}));
  EXPECT_EQ(again->address(), address);
  EXPECT_EQ(again->name(), "gitea");
}

}  // namespace
}  // namespace jci
