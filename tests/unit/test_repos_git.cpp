// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "git_fixture.hpp"
#include "jci/core/errors.hpp"
#include "jci/repos/git.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;
using testing::ThrowsMessage;
using Paths = std::vector<std::string>;

class GitRepoTest : public testing_git::GitFixture {};

TEST_F(GitRepoTest, KnowsShaBranchMessageAndRoot) {
  const auto path = make_repository();
  const auto sha = commit_file(path, "a", "1", "first line\n\nbody: jci:release");
  fs::create_directories(path / "deep/er");
  const auto repo = open_git_repo(path / "deep/er");
  EXPECT_EQ(repo->sha(), sha);
  EXPECT_EQ(repo->branch(), "main");
  EXPECT_EQ(repo->commit_message(), "first line\n\nbody: jci:release\n");
  EXPECT_EQ(repo->root(), path);
  EXPECT_EQ(repo->remote(), "");
}

TEST_F(GitRepoTest, GivesABranchWithSlashesItsWholeName) {
  const auto path = make_repository();
  commit_file(path, "a", "1");
  git(path, "checkout -q -b feature/x");
  EXPECT_EQ(open_git_repo(path)->branch(), "feature/x");
}

TEST_F(GitRepoTest, FindsTheBranchOfADetachedHead) {
  const auto path = make_repository();
  const auto first = commit_file(path, "a", "1");
  const auto second = commit_file(path, "a", "2");
  git(path, "branch zoo && git branch alpha && git checkout -q --detach");
  EXPECT_EQ(open_git_repo(path)->branch(), "alpha");
  git(path, "checkout -q " + first);
  EXPECT_EQ(open_git_repo(path)->branch(), "");
}

TEST_F(GitRepoTest, FindsARemoteBranchOfADetachedHeadWhereNoLocalOnePointsThere) {
  const auto origin = make_repository("origin");
  commit_file(origin, "a", "1");
  git(temp(), "clone -q origin clone");
  git(temp() / "clone", "checkout -q --detach && git branch -q -D main");
  EXPECT_EQ(open_git_repo(temp() / "clone")->branch(), "main");
}

TEST_F(GitRepoTest, KnowsTheBranchThatWorkIsMergedInto) {
  const auto path = make_repository();
  commit_file(path, "a", "1");
  git(path, "branch -m work");
  EXPECT_EQ(target_branch(*open_git_repo(path)), "");
  git(path, "branch master");
  EXPECT_EQ(target_branch(*open_git_repo(path)), "master");
  git(path, "branch main");
  EXPECT_EQ(target_branch(*open_git_repo(path)), "main");
  git(temp(), "clone -q " + path.native() + " clone");
  EXPECT_EQ(target_branch(*open_git_repo(temp() / "clone")), "work") << "origin's HEAD";
}

TEST_F(GitRepoTest, BuildsAnotherRevision) {
  const auto path = make_repository();
  const auto first = commit_file(path, "a", "1");
  git(path, "branch old && git tag -a -m t v1");
  commit_file(path, "a", "2");
  for (const std::string revision : {"old", "HEAD~1", "v1", first.c_str()}) {
    const auto repo = open_git_repo(path, revision);
    EXPECT_EQ(repo->sha(), first) << revision;
    EXPECT_EQ(repo->branch(), "old") << revision;
  }
}

TEST_F(GitRepoTest, TakesTheFirstPushUrlWithoutCredentials) {
  const auto path = make_repository();
  commit_file(path, "a", "1");
  git(path, "remote add backup https://me:pw@backup.org/o/r.git");
  EXPECT_EQ(open_git_repo(path)->remote(), "https://backup.org/o/r.git");
  git(path, "remote add origin git@host.org:o/r.git");
  EXPECT_EQ(open_git_repo(path)->remote(), "ssh://host.org/o/r.git");
  git(path, "remote set-url --push origin https://push.org/o/r.git");
  EXPECT_EQ(open_git_repo(path)->remote(), "https://push.org/o/r.git");
}

TEST_F(GitRepoTest, RewritesThePushUrlAsGitDoes) {
  const auto path = make_repository();
  commit_file(path, "a", "1");
  const auto as_git = [&] {
    return git(path, "remote get-url --push $(git remote | sort | head -1)");
  };
  git(path, "config url.https://host.org/.insteadOf gh: && git remote add up gh:o/r");
  EXPECT_EQ(open_git_repo(path)->remote(), "https://host.org/o/r");
  git(path, "config url.https://long.org/.insteadOf gh:o/");
  EXPECT_EQ(open_git_repo(path)->remote(), as_git());
  EXPECT_EQ(as_git(), "https://long.org/r");
  git(path, "config url.https://push.org/.pushInsteadOf gh:");
  EXPECT_EQ(open_git_repo(path)->remote(), as_git());
  EXPECT_EQ(as_git(), "https://push.org/o/r");
  git(path, "config remote.up.pushurl gh:other/one");
  EXPECT_EQ(open_git_repo(path)->remote(), as_git());
  EXPECT_EQ(as_git(), "https://host.org/other/one");
}

TEST_F(GitRepoTest, WorksInALinkedWorktree) {
  const auto path = make_repository();
  const auto sha = commit_file(path, "a", "1");
  git(path, "worktree add -q -b side ../side");
  const auto repo = open_git_repo(temp() / "side");
  EXPECT_EQ(repo->sha(), sha);
  EXPECT_EQ(repo->branch(), "side");
  EXPECT_EQ(repo->root(), temp() / "side");
}

TEST_F(GitRepoTest, WorksInABareRepository) {
  const auto sha = commit_file(make_repository(), "a", "1");
  git(temp(), "clone -q --bare repo bare.git");
  const auto repo = open_git_repo(temp() / "bare.git");
  EXPECT_EQ(repo->sha(), sha);
  EXPECT_EQ(repo->branch(), "main");
  EXPECT_EQ(repo->root(), temp() / "bare.git");
  EXPECT_FALSE(working_tree_differs(*repo));
}

TEST_F(GitRepoTest, HonoursGitDir) {
  const auto sha = commit_file(make_repository(), "a", "1");
  setenv("GIT_DIR", (temp() / "repo/.git").c_str(), 1);
  const auto repo = open_git_repo(temp());
  unsetenv("GIT_DIR");
  EXPECT_EQ(repo->sha(), sha);
  EXPECT_EQ(repo->root(), temp() / "repo");
}

TEST_F(GitRepoTest, ReadsRepositoriesWithConfigurationPerWorktree) {
  const auto path = make_repository();
  const auto sha = commit_file(path, "a", "1");
  git(path, "config extensions.worktreeConfig true && git config core.repositoryFormatVersion 1");
  EXPECT_EQ(open_git_repo(path)->sha(), sha);
}

TEST_F(GitRepoTest, SaysWhichDirectoryIsNotInARepository) {
  const auto where = temp().string();
  EXPECT_THAT([&] { open_git_repo(where); },
              ThrowsMessage<BadConfig>(
                  "`" + where +
                  "` is not in a git repository: run `git init` there, or change to a directory of "
                  "your repository"));
}

TEST_F(GitRepoTest, SaysThatThereIsNoCommitYet) {
  const auto path = make_repository();
  EXPECT_THAT([&] { open_git_repo(path); },
              ThrowsMessage<BadConfig>(
                  "`" + path.string() +
                  "` has no commit yet: run `git commit` first, a commit is what is built"));
}

TEST_F(GitRepoTest, NamesAnUnknownRevision) {
  const auto path = make_repository();
  commit_file(path, "a", "1");
  const auto message =
      "unknown revision `nope`: `" + path.string() + "` has no such commit, branch or tag";
  EXPECT_THAT([&] { open_git_repo(path, "nope"); }, ThrowsMessage<BadConfig>(message));
  EXPECT_THAT([&] { open_git_repo(path)->files_changed("nope"); },
              ThrowsMessage<BadConfig>(message));
}

TEST_F(GitRepoTest, RefusesARepositoryOfAnotherUserUnlessItIsDeclaredSafe) {
  if (getuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  const auto path = make_repository();
  const auto sha = commit_file(path, "a", "1");
  shell(path, "chown -R 12345 .");
  EXPECT_THAT([&] { open_git_repo(path); },
              ThrowsMessage<BadConfig>(
                  "dubious ownership: the repository `" + path.string() +
                  "` belongs to another user. If you trust it: git config --global --add "
                  "safe.directory " +
                  path.string()));
  for (const auto& safe : std::vector<std::string>{path.string(), "*", temp().string() + "/*"}) {
    git(temp(), "config --global safe.directory '" + safe + "'");
    EXPECT_EQ(open_git_repo(path)->sha(), sha) << safe;
  }
}

TEST_F(GitRepoTest, ListsWhatChangedSinceTheMergeBase) {
  const auto path = make_repository();
  commit_file(path, "same", "1");
  commit_file(path, "old name", "a rename with enough text in it to be noticed\n");
  commit_file(path, "gone", "1");
  git(path, "checkout -q -b work");
  git(path, "mv 'old name' 'new name' && git rm -q gone");
  commit_file(path, "dir/\xc3\xa9\nnewline", "1");
  git(path, "checkout -q main");
  commit_file(path, "only on main", "1");
  const auto repo = open_git_repo(path, "work");
  EXPECT_EQ(repo->files_changed("main"),
            (Paths{"dir/\xc3\xa9\nnewline", "gone", "new name", "old name"}));
  EXPECT_EQ(repo->files_changed("work"), Paths{});
  EXPECT_EQ(
      git(path, "diff --no-renames --name-only -z $(git merge-base main work) work | tr '\\0' '|'"),
      "dir/\xc3\xa9\nnewline|gone|new name|old name|");
}

TEST_F(GitRepoTest, ListsModeAndTypeChanges) {
  const auto path = make_repository();
  commit_file(path, "run.sh", "1");
  commit_file(path, "link", "1");
  shell(path, "chmod +x run.sh && ln -sf run.sh link && git commit -qam modes");
  EXPECT_EQ(open_git_repo(path)->files_changed("HEAD~1"), (Paths{"link", "run.sh"}));
}

TEST_F(GitRepoTest, ListsEveryFileWhereHistoriesHaveNothingInCommon) {
  const auto path = make_repository();
  commit_file(path, "a", "1");
  git(path, "checkout -q --orphan other");
  commit_file(path, "b", "1");
  EXPECT_EQ(open_git_repo(path)->files_changed("main"), (Paths{"a", "b"}));
}

TEST_F(GitRepoTest, SeesWhetherTheWorkingTreeDiffers) {
  const auto path = make_repository();
  commit_file(path, ".gitignore", "*.o\n");
  commit_file(path, "dir/a", "one");
  const auto repo = open_git_repo(path);
  EXPECT_FALSE(working_tree_differs(*repo));
  write(path / "x.o", "ignored");
  EXPECT_FALSE(working_tree_differs(*repo));
  write(path / "dir/a", "two");
  EXPECT_TRUE(working_tree_differs(*repo)) << "changed, same size";
  git(path, "add -A");
  EXPECT_TRUE(working_tree_differs(*repo)) << "staged";
  git(path, "reset -q --hard");
  EXPECT_FALSE(working_tree_differs(*repo));
  write(path / "new/deep/file", "1");
  EXPECT_TRUE(working_tree_differs(*repo)) << "untracked";
  fs::remove_all(path / "new");
  fs::remove(path / "dir/a");
  EXPECT_TRUE(working_tree_differs(*repo)) << "deleted";
}

TEST_F(GitRepoTest, SeesThatAnotherCommitThanTheCheckedOutOneIsBuilt) {
  const auto path = make_repository();
  commit_file(path, "a", "1");
  commit_file(path, "a", "2");
  EXPECT_TRUE(working_tree_differs(*open_git_repo(path, "HEAD~1")));
}

}  // namespace
}  // namespace jci
