// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "git_fixture.hpp"
#include "jci/core/errors.hpp"
#include "jci/repos/git.hpp"
#include "jci/run/handover.hpp"
#include "jci/workspace/workspace.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class WorkspaceTest : public testing_git::GitFixture {
 protected:
  fs::path cache() const { return temp() / "cache"; }
  Workspace prepare(const std::string& revision = "HEAD") const {
    return prepare_commit(*open_git_repo(temp() / "repo", revision), cache());
  }
  Workspace prepare_tree() const { return prepare_dirty(*open_git_repo(temp() / "repo"), cache()); }

  /// Every path below `directory` but `.git`, with kind, permissions and content, as text to compare whole.
  static std::string snapshot(const fs::path& directory) {
    return shell(
        directory,
        "find . -name .git -prune -o -mindepth 1 -printf '%P %y %m %l\\n' | LC_ALL=C sort; "
        "find . -name .git -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0r sha1sum");
  }
  /// What git itself makes of a revision.
  std::string by_git(const std::string& revision) const {
    shell(temp(), "rm -rf by-git");
    git(temp() / "repo", "worktree add -q -f --detach ../by-git '" + revision + "'");
    const auto result = snapshot(temp() / "by-git");
    git(temp() / "repo", "worktree remove -f ../by-git");
    return result;
  }
  /// A repository with all kinds of entries, and three commits.
  fs::path make_full_repository() const {
    const auto repo = make_repository();
    write(repo / "README", "read me\n");
    write(repo / "src/deep/er/code.c", "int main;\n");
    write(repo / "src-b", "sorts between src and src/\n");
    write(repo / "run.sh", "#!/bin/sh\n");
    write(repo / "empty", "");
    write(repo / "\xc3\xa9t\xc3\xa9/new\nline \"quoted\"", "names\n");
    shell(repo,
          "chmod +x run.sh && ln -s README link && ln -s /nowhere dangling && ln -s src dirlink");
    git(repo, "add -A && git commit -qm one");
    shell(repo,
          "rm -r src && echo now a file > src && rm README && mkdir README && echo x > README/file "
          "&& chmod -x run.sh");
    shell(repo, "rm link && echo file > link && rm -r \xc3\xa9t\xc3\xa9");
    git(repo, "add -A && git commit -qm two");
    write(repo / "more", "more\n");
    git(repo, "add -A && git commit -qm three");
    return repo;
  }
};

TEST_F(WorkspaceTest, HoldsExactlyTheFilesThatGitChecksOut) {
  make_full_repository();
  for (const char* revision : {"HEAD", "HEAD~1", "HEAD~2", "HEAD"}) {
    const auto workspace = prepare(revision);
    EXPECT_EQ(snapshot(workspace.path()), by_git(revision)) << revision;
    EXPECT_EQ(workspace.tree(),
              git(temp() / "repo", std::string("rev-parse ") + revision + "^{tree}"));
    EXPECT_EQ(git(workspace.path(), "status --porcelain"), "") << revision;
  }
}

TEST_F(WorkspaceTest, IsUsedAgainOnceItIsFree) {
  commit_file(make_repository(), "a", "1");
  const auto first = prepare().path();
  EXPECT_EQ(prepare().path(), first);
}

TEST_F(WorkspaceTest, TouchesOnlyWhatDiffersFromTheLastRun) {
  commit_file(make_repository(), "same", "1");
  commit_file(temp() / "repo", "changes", "1");
  const auto inode = [](const fs::path& file) {
    struct stat st;
    stat(file.c_str(), &st);
    return std::pair(st.st_ino, st.st_ctim.tv_nsec);
  };
  const auto path = prepare().path();
  const auto same = inode(path / "same");
  commit_file(temp() / "repo", "changes", "2");
  EXPECT_EQ(prepare().path(), path);
  EXPECT_EQ(inode(path / "same"), same);
  EXPECT_EQ(read(path / "changes"), "2");
}

TEST_F(WorkspaceTest, RunsAtOnceGetPlacesOfTheirOwn) {
  commit_file(make_repository(), "a", "1");
  std::vector<std::string> paths(6);
  std::vector<Workspace> held;
  std::mutex mutex;
  {
    std::vector<std::jthread> threads;
    for (auto& path : paths)
      threads.emplace_back([&] {
        auto workspace = prepare();
        path = workspace.path();
        const std::lock_guard lock(mutex);
        held.push_back(std::move(workspace));
      });
  }
  std::ranges::sort(paths);
  EXPECT_EQ(std::ranges::adjacent_find(paths), paths.end());
  for (const auto& path : paths) EXPECT_EQ(read(fs::path(path) / "a"), "1");
}

TEST_F(WorkspaceTest, StaysLockedAcrossExecUntilTheProgramEnds) {
  commit_file(make_repository(), "a", "1");
  auto workspace = std::optional(prepare());
  const auto path = workspace->path();
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    run::Options options;
    options.workspace_lock = workspace->lock_fd();
    run::hand_over(options);
    dup2(pipe_ends[0], 0);
    close(pipe_ends[1]);
    execlp("cat", "cat", nullptr);
    _exit(127);
  }
  workspace.reset();
  EXPECT_NE(prepare().path(), path);
  close(pipe_ends[1]);
  waitpid(child, nullptr, 0);
  close(pipe_ends[0]);
  // Free again: two more runs share the two slots there are.
  const auto one = prepare();
  const auto other = prepare();
  EXPECT_TRUE(one.path() == path || other.path() == path);
}

TEST_F(WorkspaceTest, RemovesWhatEarlierJobsLeft) {
  make_full_repository();
  const auto path = prepare().path();
  const auto fresh = snapshot(path);
  shell(path,
        "echo x > new; mkdir -p build/a/b; echo x > build/a/b/c; echo x > README/other; mkfifo "
        "pipe; mkdir empty-dir;"
        "ln -s / root; echo x > 'new\nline'; mkdir README/.git; chmod 0 build/a; chmod 500 README");
  EXPECT_NE(snapshot(path), fresh);
  EXPECT_EQ(snapshot(prepare().path()), fresh);
}

TEST_F(WorkspaceTest, BringsATreeThatJobsHaveChangedBackInOrder) {
  make_full_repository();
  const auto path = prepare("HEAD~2").path();
  const auto fresh = snapshot(path);
  const std::vector<std::string> damages = {
      "echo x > new; mkdir -p build/a/b; echo x > build/a/b/c; chmod 0 build/a; chmod 500 build",
      "chmod 000 src; chmod 500 .",
      "rm -r src; ln -s / src",
      "rm README; mkdir -p README/x",
      "mv src moved; mkdir src; ln -s /etc src/deep",
      "rm -rf .git; ln -s /tmp .git",
      "chmod 777 src run.sh README",
      "ln -sfn elsewhere link; rm dangling; echo file > dangling",
      "ln README hard; echo changed > README",
      "mkfifo pipe; mkdir -p src/deep/.git/x; touch -d '2001-01-01' README",
      "rm -rf ..?* .[!.]* *",
  };
  for (const auto& damage : damages) {
    shell(path, damage);
    EXPECT_EQ(snapshot(prepare("HEAD~2").path()), fresh) << damage;
    EXPECT_EQ(git(path, "status --porcelain"), "") << damage;
  }
}

TEST_F(WorkspaceTest, RestoresAFileThatKeptItsSizeAndTime) {
  commit_file(make_repository(), "file", "good");
  const auto path = prepare().path();
  shell(path, "cp -p file old; printf evil > file; touch -r old file; rm old");
  prepare();
  EXPECT_EQ(read(path / "file"), "good");
}

TEST_F(WorkspaceTest, WritesThroughNoLinkOfAJob) {
  const auto repo = make_repository();
  commit_file(repo, "dir/file", "ours");
  const auto path = prepare().path();
  write(temp() / "victim/file", "theirs");
  shell(path, "rm -r dir; ln -s " + (temp() / "victim").string() + " dir");
  prepare();
  EXPECT_EQ(read(temp() / "victim/file"), "theirs");
  shell(path, "rm dir/file; ln " + (temp() / "victim/file").string() + " dir/file");
  commit_file(repo, "dir/file", "ours, changed");
  prepare();
  EXPECT_EQ(read(temp() / "victim/file"), "theirs");
  EXPECT_EQ(read(path / "dir/file"), "ours, changed");
  shell(path, "cd ..; rm -rf run; ln -s " + (temp() / "victim").string() + " run");
  prepare();
  EXPECT_EQ(read(temp() / "victim/file"), "theirs");
  EXPECT_FALSE(fs::is_symlink(path));
  EXPECT_EQ(read(path / "dir/file"), "ours, changed");
}

TEST_F(WorkspaceTest, RemovesDirectoriesDeeperThanThereAreDescriptors) {
  commit_file(make_repository(), "a", "1");
  const auto path = prepare().path();
  const auto fresh = snapshot(path);
  shell(path,
        "python3 -c 'import os\nfor i in range(3000): os.mkdir(\"deeper\"); os.chdir(\"deeper\")'");
  prepare();
  EXPECT_EQ(snapshot(path), fresh);
}

TEST_F(WorkspaceTest, RepairsAnInterruptedPreparation) {
  make_full_repository();
  const auto path = prepare("HEAD~2").path();
  // What a kill leaves: some files of the next commit, one of them cut, and the manifest of the last.
  shell(path, "rm -r src; printf 'now a' > src; rm README; mkdir README");
  EXPECT_EQ(snapshot(prepare("HEAD").path()), by_git("HEAD"));
  shell(path, "head -c 100 ../manifest > ../m; mv ../m ../manifest; echo x > more");
  EXPECT_EQ(snapshot(prepare("HEAD").path()), by_git("HEAD"));
  shell(path, "rm ../manifest ../index; echo x > more");
  EXPECT_EQ(snapshot(prepare("HEAD").path()), by_git("HEAD"));
}

TEST_F(WorkspaceTest, IsARepositoryThatCannotHarmTheUsersOwn) {
  const auto repo = make_full_repository();
  git(repo, "tag -a -m t v1 HEAD~1 && git branch side HEAD~2");
  const auto before = shell(
      repo, "git for-each-ref; cat .git/HEAD; git status --porcelain; find .git -type f | sort");
  const auto path = prepare().path();
  EXPECT_EQ(git(path, "describe"), git(repo, "describe"));
  EXPECT_EQ(git(path, "log --oneline --all"), git(repo, "log --oneline --all"));
  EXPECT_EQ(git(path, "rev-parse HEAD"), git(repo, "rev-parse HEAD"));
  shell(
      path,
      "echo x > new; git add -A; git commit -qm job; git branch -q -D side; git gc -q --prune=now");
  EXPECT_EQ(
      shell(repo,
            "git for-each-ref; cat .git/HEAD; git status --porcelain; find .git -type f | sort"),
      before);
  prepare();
  EXPECT_EQ(git(path, "rev-parse HEAD side"), git(repo, "rev-parse HEAD side"));
}

TEST_F(WorkspaceTest, ComesFromBareRepositoriesAndLinkedWorktreesToo) {
  const auto repo = make_full_repository();
  git(temp(), "clone -q --bare repo bare.git");
  EXPECT_EQ(snapshot(prepare_commit(*open_git_repo(temp() / "bare.git"), cache()).path()),
            by_git("HEAD"));
  git(repo, "worktree add -q -b side ../side HEAD~1");
  const auto workspace = prepare_commit(*open_git_repo(temp() / "side"), cache());
  EXPECT_EQ(snapshot(workspace.path()), by_git("HEAD~1"));
  EXPECT_EQ(git(workspace.path(), "status --porcelain"), "");
}

TEST_F(WorkspaceTest, HasAnEmptyDirectoryForASubmodule) {
  const auto inner = make_repository("inner");
  commit_file(inner, "file", "1");
  const auto repo = make_repository();
  git(repo,
      "-c protocol.file.allow=always submodule --quiet add ../inner lib/inner && git commit -qm "
      "sub");
  const auto workspace = prepare();
  EXPECT_EQ(snapshot(workspace.path()), by_git("HEAD"));
  EXPECT_TRUE(fs::is_empty(workspace.path() / "lib/inner"));
  EXPECT_EQ(git(workspace.path(), "status --porcelain"), "");
}

TEST_F(WorkspaceTest, AppliesTheFiltersThatAttributesAskFor) {
  const auto repo = make_repository();
  write(repo / ".gitattributes",
        "*.bat eol=crlf\n*.id ident\n*.u16 working-tree-encoding=UTF-16LE\n*.lfs filter=lfs\n");
  write(repo / "a.bat", "one\r\ntwo\r\n");
  write(repo / "a.id", "$Id$\n");
  shell(repo, "printf 'h\\0i\\0\\n\\0' > a.u16");
  write(repo / "a.lfs", "version https://git-lfs.github.com/spec/v1\n");
  git(repo, "add -A && git commit -qm one");
  commit_file(repo, ".gitattributes", "*.u16 working-tree-encoding=UTF-16LE\n");
  for (const char* revision : {"HEAD~1", "HEAD", "HEAD~1"}) {
    const auto workspace = prepare(revision);
    EXPECT_EQ(snapshot(workspace.path()), by_git(revision)) << revision;
    EXPECT_EQ(git(workspace.path(), "status --porcelain"), "") << revision;
  }
}

TEST_F(WorkspaceTest, FollowsTheUmask) {
  make_full_repository();
  const auto path = prepare().path();
  const mode_t before = umask(077);
  EXPECT_EQ(snapshot(prepare().path()), by_git("HEAD"));
  umask(before);
  EXPECT_EQ(snapshot(prepare().path()), by_git("HEAD"));
}

TEST_F(WorkspaceTest, OfTheWorkingTreeHoldsItsFilesAsTheyAre) {
  const auto repo = make_full_repository();
  write(repo / ".gitignore", "*.o\nbuild/\n");
  git(repo, "add -A && git commit -qm ignore");
  shell(repo,
        "echo changed > more; rm empty; echo new > src-c; mkdir -p new/dir build; echo x > "
        "new/dir/file; echo x > a.o;"
        "echo x > build/out; echo staged > staged; git add staged; rm dangling; ln -s elsewhere "
        "dangling; chmod +x src-b");
  const auto workspace = prepare_tree();
  shell(temp(), "cp -a repo copy && cd copy && rm -rf .git a.o build");
  EXPECT_EQ(snapshot(workspace.path()), snapshot(temp() / "copy"));
  EXPECT_EQ(workspace.tree(), "");
  EXPECT_EQ(git(workspace.path(), "status --porcelain"),
            " M dangling\n D empty\n M more\n M src-b\n?? new/\n?? src-c\n?? staged");
}

TEST_F(WorkspaceTest, OfTheCommitFollowsOneOfTheWorkingTreeAndBack) {
  const auto repo = make_full_repository();
  write(repo / "more", "changed");
  write(repo / "untracked", "1");
  const auto path = prepare_tree().path();
  EXPECT_EQ(snapshot(prepare().path()), by_git("HEAD"));
  EXPECT_EQ(git(path, "status --porcelain"), "");
  prepare_tree();
  EXPECT_EQ(read(path / "more"), "changed");
  write(repo / "more", "changeD");
  prepare_tree();
  EXPECT_EQ(read(path / "more"), "changeD");
}

TEST_F(WorkspaceTest, OfTheWorkingTreeNeedsOne) {
  make_full_repository();
  git(temp(), "clone -q --bare repo bare.git");
  EXPECT_THAT([&] { prepare_dirty(*open_git_repo(temp() / "bare.git"), cache()); },
              ThrowsMessage<BadConfig>(
                  "`" + (temp() / "bare.git").string() +
                  "` is a bare repository: it has no working tree to build with --dirty"));
}

TEST_F(WorkspaceTest, RefusesACommitWithPathsThatLeadOutOfIt) {
  const auto repo = make_repository();
  const auto blob = shell(repo, "echo evil | git hash-object -w --stdin");
  for (const char* name : {"..", ".git", ".GIT", "."}) {
    const auto inner = shell(repo, "printf '100644 blob " + blob + "\\tfile\\n' | git mktree");
    const auto tree =
        shell(repo, "printf '040000 tree " + inner + "\\t" + name + "\\n' | git mktree");
    const auto sha = git(repo, "commit-tree -m evil " + tree);
    EXPECT_THAT([&] { prepare(sha); },
                ThrowsMessage<TriggerFailed>(std::string("the commit holds the path `") + name +
                                             "`, which git refuses, too"));
  }
}

TEST_F(WorkspaceTest, NamesTheDirectoryThatItCannotMake) {
  commit_file(make_repository(), "a", "1");
  write(cache(), "a file");
  EXPECT_THAT([&] { prepare(); },
              ThrowsMessage<TriggerFailed>(
                  "cannot create the directory `" + cache().string() +
                  "/workspaces` for workspaces: Not a directory. Set XDG_CACHE_HOME to a "
                  "directory that can be written"));
}

TEST_F(WorkspaceTest, NamesTheFileThatDoesNotFitOnTheDisk) {
  if (getuid() != 0) GTEST_SKIP() << "only root can mount a small file system";
  const auto repo = make_repository();
  commit_file(repo, "dir/big", std::string(2'000'000, 'x'));
  fs::create_directory(cache());
  if (std::system(
          ("mount -t tmpfs -o size=1m tmpfs '" + cache().string() + "' 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "cannot mount here";
  const auto key = [&] {
    try {
      return prepare().path().string();
    } catch (const TriggerFailed& error) {
      return std::string(error.what());
    }
  }();
  shell(temp(), "umount cache");
  EXPECT_THAT(key, HasSubstr("run/dir`: write `big`: No space left on device"));
  const auto workspace = prepare();
  EXPECT_EQ(fs::file_size(workspace.path() / "dir/big"), 2'000'000U);
}

TEST_F(WorkspaceTest, LeavesATreeThatCannotBeRemovedForAFreshOne) {
  if (getuid() != 0) GTEST_SKIP() << "only root can make a file immutable";
  commit_file(make_repository(), "a", "1");
  const auto path = prepare().path();
  write(path / "stuck", "1");
  if (std::system(("chattr +i '" + (path / "stuck").string() + "' 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "no immutable files here";
  const auto next = prepare().path();
  EXPECT_EQ(snapshot(next).substr(0, 2), "a ");
  shell(temp(), "chattr -R -i cache");
}

TEST_F(WorkspaceTest, KeepsFourFreePlacesAndNoOldOnes) {
  commit_file(make_repository(), "a", "1");
  {
    std::vector<Workspace> held;
    for (int i = 0; i < 8; ++i) held.push_back(prepare());
  }
  const auto mine = prepare();
  const auto slots = mine.path().parent_path().parent_path();
  const auto count = [&] {
    return std::distance(fs::directory_iterator(slots), fs::directory_iterator());
  };
  EXPECT_EQ(count(), 5);
  shell(slots, "touch -d '15 days ago' */lock");
  const auto other = prepare();
  EXPECT_EQ(count(), 2);
}

}  // namespace
}  // namespace jci
