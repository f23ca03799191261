// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "git_fixture.hpp"
#include "jci/core/errors.hpp"
#include "jci/remotes/git.hpp"
#include "jci/util/side_process.hpp"
#include "views.hpp"

namespace jci {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class GitRemoteTest : public testing_git::GitFixture {
 protected:
  static std::string reports(const std::filesystem::path& repository, const std::string& sha) {
    return git(repository, "log --format=%s refs/jayporeci/" + sha);
  }
};

TEST_F(GitRemoteTest, StoresTheReportAsACommitOfItsOwn) {
  const auto repo = make_repository();
  const auto sha = commit_file(repo, "a", "1");
  make_git_remote(repo, sha)->publish("the report\n", test::view_with(Status::passed));
  EXPECT_EQ(git(repo, "show refs/jayporeci/" + sha + ":report.txt"), "the report");
  EXPECT_EQ(git(repo, "ls-tree --name-only refs/jayporeci/" + sha), "report.txt");
  EXPECT_EQ(git(repo, "log --format='%an <%ae>%n%cn <%ce>%n%B' refs/jayporeci/" + sha),
            "Jaypore CI <jayporeci@localhost>\nJaypore CI <jayporeci@localhost>\nJaypore CI: "
            "PASSED\n\nReport of commit " +
                sha + "\n");
  EXPECT_EQ(git(repo, "fsck --strict 2>&1"), "");
  EXPECT_EQ(git(repo, "status --porcelain"), "");
}

TEST_F(GitRemoteTest, BearsTheIdentityOfGitsConfiguration) {
  const auto repo = make_repository();
  const auto sha = commit_file(repo, "a", "1");
  git(repo, "config user.name Grace && git config user.email grace@example.org");
  make_git_remote(repo, sha)->publish("report", test::view_with(Status::failed));
  EXPECT_EQ(git(repo, "log --format='%an <%ae>' refs/jayporeci/" + sha),
            "Grace <grace@example.org>");
}

TEST_F(GitRemoteTest, KeepsEarlierReportsAndAddsNoneThatSaysTheSame) {
  const auto repo = make_repository();
  const auto sha = commit_file(repo, "a", "1");
  const auto remote = make_git_remote(repo, sha);
  remote->publish("1", test::view_with(Status::running));
  remote->publish("1", test::view_with(Status::running));
  remote->publish("2", test::view_with(Status::failed));
  remote->publish("2", test::view_with(Status::failed));
  make_git_remote(repo, sha)->publish("3", test::view_with(Status::passed));
  EXPECT_EQ(reports(repo, sha), "Jaypore CI: PASSED\nJaypore CI: FAILED\nJaypore CI: RUNNING");
  EXPECT_EQ(git(repo, "show refs/jayporeci/" + sha + "~1:report.txt"), "2");
}

TEST_F(GitRemoteTest, LosesNothingWhenManyPublishAtOnce) {
  const auto repo = make_repository();
  const auto sha = commit_file(repo, "a", "1");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] {
        const auto remote = make_git_remote(repo, sha);
        for (int j = 0; j < 5; ++j)
          remote->publish("report " + std::to_string(i) + " " + std::to_string(j),
                          test::view_with(Status::passed));
      });
  }
  EXPECT_EQ(git(repo, "rev-list --count refs/jayporeci/" + sha), "40");
}

TEST_F(GitRemoteTest, WorksInBareRepositoriesAndLinkedWorktrees) {
  const auto repo = make_repository();
  const auto sha = commit_file(repo, "a", "1");
  git(repo, "clone -q --bare . ../bare.git");
  git(repo, "worktree add -q -b side ../side");
  make_git_remote(temp() / "bare.git", sha)->publish("bare", test::view_with(Status::passed));
  make_git_remote(temp() / "side", sha)->publish("side", test::view_with(Status::passed));
  EXPECT_EQ(git(temp() / "bare.git", "show refs/jayporeci/" + sha + ":report.txt"), "bare");
  EXPECT_EQ(git(repo, "show refs/jayporeci/" + sha + ":report.txt"), "side");
}

TEST_F(GitRemoteTest, GivesTheNewestReportBack) {
  const auto repo = make_repository();
  const auto sha = commit_file(repo, "a", "1");
  EXPECT_EQ(read_report(repo, sha), std::nullopt);
  const std::string report("wide \xf0\x9f\x9f\xa2 and \0 zero", 20);
  make_git_remote(repo, sha)->publish(report, test::view_with(Status::passed));
  EXPECT_EQ(read_report(repo, sha), report);
  git(repo, "pack-refs --all && git gc -q");
  EXPECT_EQ(read_report(repo, sha), report);
}

TEST_F(GitRemoteTest, NamesRefAndRepositoryWhereItFails) {
  const auto where = temp().string();
  const auto remote = make_git_remote(where, "abc");
  EXPECT_THAT([&] { remote->publish("report", test::view_with(Status::passed)); },
              ThrowsMessage<RemoteApiFailed>(
                  HasSubstr("cannot store the report as `refs/jayporeci/abc` in `" + where +
                            "`: `" + where + "` is not in a git repository")));
  EXPECT_THAT([&] { read_report(where, "abc"); },
              ThrowsMessage<RemoteApiFailed>(
                  HasSubstr("cannot read the report `refs/jayporeci/abc` of `" + where + "`")));
}

std::vector<pid_t> scribes() {
  std::vector<pid_t> found;
  std::ifstream children("/proc/self/task/" + std::to_string(::gettid()) + "/children");
  for (pid_t child = 0; children >> child;) {
    std::error_code gone;
    const auto program =
        std::filesystem::read_symlink("/proc/" + std::to_string(child) + "/exe", gone);
    if (program.filename() == "jci-scribe") found.push_back(child);
  }
  return found;
}

TEST_F(GitRemoteTest, SaysSoWhereTheProgramThatStoresIsKilledAndStoresTheNextReport) {
  const auto repo = make_repository();
  const auto sha = commit_file(repo, "a", "1");
  const auto remote = make_git_remote(repo, sha);
  remote->publish("1", test::view_with(Status::running));
  ASSERT_THAT(scribes(), testing::SizeIs(1));
  ::kill(scribes().front(), SIGKILL);
  EXPECT_THAT([&] { remote->publish("2", test::view_with(Status::running)); },
              ThrowsMessage<RemoteApiFailed>(HasSubstr("`jci-scribe`, which does it, has ended")));
  remote->publish("3", test::view_with(Status::passed));
  EXPECT_EQ(git(repo, "show refs/jayporeci/" + sha + ":report.txt"), "3");
}

TEST_F(GitRemoteTest, LeavesNoProcessBehind) {
  const auto repo = make_repository();
  const auto remote = make_git_remote(repo, commit_file(repo, "a", "1"));
  remote->open();
  ASSERT_THAT(scribes(), testing::SizeIs(1));
  const pid_t scribe = scribes().front();
  remote->close();
  reap_left();  // as at the end of a process
  EXPECT_EQ(::waitpid(scribe, nullptr, WNOHANG), -1) << "not even a zombie";
}

TEST_F(GitRemoteTest, IsInterruptedWhileAReportIsBeingStored) {
  const auto repo = make_repository();
  const auto remote = make_git_remote(repo, commit_file(repo, "a", "1"));
  remote->open();
  const pid_t scribe = scribes().front();
  ::kill(scribe, SIGSTOP);  // as on a disk that hangs
  const std::jthread impatient([&] { remote->interrupt(); });
  EXPECT_THROW(remote->publish("1", test::view_with(Status::passed)), RemoteApiFailed);
  ::kill(scribe, SIGCONT);
  ::waitpid(scribe, nullptr, 0);
}

}  // namespace
}  // namespace jci
