// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <ostream>

#include "jci/repos/remote_url.hpp"

namespace jci {

void PrintTo(const RemoteUrl& url, std::ostream* out) {
  *out << "{" << url.scheme << ", " << url.host << ", " << url.port.value_or(0) << ", " << url.path
       << ", " << url.owner << ", " << url.name << "}";
}

namespace {

struct Case {
  const char* text;
  std::optional<RemoteUrl> url;
};

class RemoteUrlForms : public testing::TestWithParam<Case> {};

TEST_P(RemoteUrlForms, AreReadIntoTheirParts) {
  EXPECT_EQ(parse_remote_url(GetParam().text), GetParam().url);
}

const Case k_cases[] = {
    {"https://github.com/owner/repo.git",
     {{"https", "github.com", {}, "owner/repo.git", "owner", "repo"}}},
    {"https://github.com/owner/repo", {{"https", "github.com", {}, "owner/repo", "owner", "repo"}}},
    {"http://git.local:3000/owner/repo/",
     {{"http", "git.local", 3000, "owner/repo", "owner", "repo"}}},
    {"HTTPS://GitHub.com/Owner/Repo.git",
     {{"https", "github.com", {}, "Owner/Repo.git", "Owner", "Repo"}}},
    {"https://user:p@ss@git.local/a/b/c.git",
     {{"https", "git.local", {}, "a/b/c.git", "a/b", "c"}}},
    {"ssh://git@host.org/owner/repo.git",
     {{"ssh", "host.org", {}, "owner/repo.git", "owner", "repo"}}},
    {"ssh://git@host.org:2222/owner/repo.git",
     {{"ssh", "host.org", 2222, "owner/repo.git", "owner", "repo"}}},
    {"ssh://git@host.org:/owner/repo", {{"ssh", "host.org", {}, "owner/repo", "owner", "repo"}}},
    {"git+ssh://host.org/owner/repo", {{"ssh", "host.org", {}, "owner/repo", "owner", "repo"}}},
    {"ssh://git@[::1]:22/owner/repo", {{"ssh", "[::1]", 22, "owner/repo", "owner", "repo"}}},
    {"git@host.org:owner/repo.git", {{"ssh", "host.org", {}, "owner/repo.git", "owner", "repo"}}},
    {"host.org:repo", {{"ssh", "host.org", {}, "repo", "", "repo"}}},
    {"git@host.org:/srv/git/repo.git",
     {{"ssh", "host.org", {}, "srv/git/repo.git", "srv/git", "repo"}}},
    {"git@[::1]:owner/repo", {{"ssh", "[::1]", {}, "owner/repo", "owner", "repo"}}},
    {"git://host.org/repo.git", {{"git", "host.org", {}, "repo.git", "", "repo"}}},
    {"file:///srv/git/repo.git", {{"file", "", {}, "/srv/git/repo.git", "srv/git", "repo"}}},
    {"/srv/git/repo.git", {{"file", "", {}, "/srv/git/repo.git", "srv/git", "repo"}}},
    {"../repo", {{"file", "", {}, "../repo", "..", "repo"}}},
    {"./a:b/repo", {{"file", "", {}, "./a:b/repo", "./a:b", "repo"}}},
    {"", {}},
    {"/", {}},
    {"https://github.com", {}},
    {"https://github.com/", {}},
    {"https:///owner/repo", {}},
    {"https://github.com:port/owner/repo", {}},
    {"https://github.com:99999/owner/repo", {}},
    {"git@host.org:", {}},
    {"git@:repo", {}},
};

INSTANTIATE_TEST_SUITE_P(RemoteUrl, RemoteUrlForms, testing::ValuesIn(k_cases));

TEST(RemoteUrl, IsWrittenWithoutUserAndPassword) {
  const auto written = [](const char* text) { return to_string(*parse_remote_url(text)); };
  EXPECT_EQ(written("https://user:secret@host.org:8443/owner/repo.git"),
            "https://host.org:8443/owner/repo.git");
  EXPECT_EQ(written("git@host.org:owner/repo.git"), "ssh://host.org/owner/repo.git");
  EXPECT_EQ(written("/srv/git/repo.git"), "/srv/git/repo.git");
}

}  // namespace
}  // namespace jci
