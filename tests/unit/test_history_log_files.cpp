// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "history_fixture.hpp"
#include "jci/history/log_files.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class LogFilesTest : public testing_history::HistoryFixture {
 protected:
  LogFiles logs(std::size_t max_open = 64) {
    return {state(), [this](const std::string& message) { warnings_.push_back(message); },
            max_open};
  }
  static Job job(std::string name, JobId id = 0) {
    return {.id = id, .name = std::move(name), .command = "true", .depends_on = {}, .settings = {}};
  }
  static std::size_t open_descriptors() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
  }

  std::vector<std::string> warnings_;
};

TEST_F(LogFilesTest, KeepTheBytesAsTheyCame) {
  const std::string bytes("\0\xff\x1b[31mred\r\n no newline", 24);
  logs().write(job("Test"), Stream::out, bytes);
  EXPECT_EQ(read(state() / "Test.log"), bytes);
  EXPECT_FALSE(fs::exists(state() / "Test.streams"));
}

TEST_F(LogFilesTest, AreMadeAtTheFirstByte) {
  auto files = logs();
  files.write(job("Test"), Stream::out, "");
  files.finished(job("Test"));
  EXPECT_TRUE(fs::is_empty(state()));
}

TEST_F(LogFilesTest, NoteWhereTheStreamChanges) {
  auto files = logs();
  files.write(job("Test"), Stream::out, "one\n");
  files.write(job("Test"), Stream::err, "two\n");
  files.write(job("Test"), Stream::err, "three\n");
  files.write(job("Test"), Stream::out, "four\n");
  EXPECT_EQ(read(state() / "Test.log"), "one\ntwo\nthree\nfour\n");
  EXPECT_EQ(read(state() / "Test.streams"), "4 err\n14 out\n");
}

TEST_F(LogFilesTest, NoteStderrFromTheFirstByte) {
  logs().write(job("Test"), Stream::err, "oh\n");
  EXPECT_EQ(read(state() / "Test.streams"), "0 err\n");
}

TEST_F(LogFilesTest, TakeNamesLongerThanAFileNameMayBe) {
  const std::string first(1000, 'x');
  const std::string second = first + "y";
  auto files = logs();
  files.write(job(first, 0), Stream::err, "first");
  files.write(job(second, 1), Stream::out, "second");
  EXPECT_EQ(bytes_of(state(), first, Stream::err), "first");
  EXPECT_EQ(bytes_of(state(), second, Stream::out), "second");
}

TEST_F(LogFilesTest, KeepFewDescriptorsOpenHoweverManyJobsWrite) {
  constexpr JobId k_jobs = 1000;
  const std::size_t before = open_descriptors();
  auto files = logs(30);
  for (const std::string line : {"first\n", "second\n", "third\n"}) {
    for (JobId id = 0; id < k_jobs; ++id) {
      const Job one = job("job-" + std::to_string(id), id);
      files.write(one, Stream::out, "out " + line);
      files.write(one, Stream::err, "err " + line);
    }
  }
  EXPECT_LE(open_descriptors(), before + 60);
  EXPECT_THAT(warnings_, IsEmpty());
  for (JobId id = 0; id < k_jobs; ++id) {
    const std::string name = "job-" + std::to_string(id);
    ASSERT_EQ(bytes_of(state(), name, Stream::out), "out first\nout second\nout third\n");
    ASSERT_EQ(bytes_of(state(), name, Stream::err), "err first\nerr second\nerr third\n");
  }
}

TEST_F(LogFilesTest, FreeTheDescriptorsOfAFinishedJob) {
  const std::size_t before = open_descriptors();
  auto files = logs();
  files.write(job("Test"), Stream::err, "bytes");
  EXPECT_EQ(open_descriptors(), before + 2);
  files.finished(job("Test"));
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(LogFilesTest, WorkWhereOnly64DescriptorsAreAllowed) {
  const auto write_all = [this] {
    const rlimit limit{64, 64};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    auto files = logs(16);
    for (JobId id = 0; id < 1000; ++id) {
      files.write(job("job-" + std::to_string(id), id), Stream::err, "bytes");
    }
    std::_Exit(warnings_.empty() ? 0 : 1);
  };
  EXPECT_EXIT(write_all(), testing::ExitedWithCode(0), "");
}

TEST_F(LogFilesTest, AreCutWithOneWarningWhereTheFileMayNotGrow) {
  const auto fill = [this] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{10, RLIM_INFINITY};
    const rlimit loose{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    auto files = logs();
    files.write(job("Test"), Stream::out, "eight by");
    files.write(job("Test"), Stream::out, "tes, and more");
    files.write(job("Test"), Stream::out, "and more");
    files.write(job("Other", 1), Stream::out, "goes on");
    ::setrlimit(RLIMIT_FSIZE, &loose);
    std::cerr << testing::PrintToString(warnings_) << '\n';
    std::_Exit(
        read(state() / "Test.log") == "eight byte" && read(state() / "Other.log") == "goes on" ? 0
                                                                                               : 1);
  };
  EXPECT_EXIT(fill(), testing::ExitedWithCode(0),
              "^\\{ \"log of job `Test` is cut after 10 bytes: cannot write `" + state().string() +
                  "/Test.log`: File too large\" \\}\n$");
}

TEST_F(LogFilesTest, AreCutWithOneWarningWhereTheDiskIsFull) {
  const fs::path disk = state() / "disk";
  fs::create_directory(disk);
  if (::mount("none", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  {
    LogFiles files(disk, [this](const std::string& message) { warnings_.push_back(message); });
    const std::string chunk(10000, 'x');
    for (int i = 0; i < 20; ++i) files.write(job("Test"), Stream::out, chunk);
  }
  EXPECT_EQ(fs::file_size(disk / "Test.log"), 65536U);
  ::umount(disk.c_str());
  EXPECT_THAT(warnings_, ElementsAre("log of job `Test` is cut after 65536 bytes: cannot write `" +
                                     (disk / "Test.log").string() + "`: No space left on device"));
}

TEST_F(LogFilesTest, AreCutWithOneWarningWhereTheDirectoryIsGone) {
  LogFiles files(state() / "gone",
                 [this](const std::string& message) { warnings_.push_back(message); });
  files.write(job("Test"), Stream::out, "a");
  files.write(job("Test"), Stream::out, "b");
  EXPECT_THAT(warnings_,
              ElementsAre("log of job `Test` is cut after 0 bytes: cannot write `" +
                          (state() / "gone/Test.log").string() + "`: No such file or directory"));
}

TEST_F(LogFilesTest, DoNotFollowALinkThatLiesInTheWay) {
  fs::create_symlink("/tmp/elsewhere", state() / "Test.log");
  logs().write(job("Test"), Stream::out, "a");
  EXPECT_EQ(warnings_.size(), 1U);
}

using LogFilesDeathTest = LogFilesTest;

TEST_F(LogFilesDeathTest, TrustNoNameThatIsAPath) {
  EXPECT_DEATH(logs().write(job("../x"), Stream::out, "a"), "is_clean");
}

}  // namespace
}  // namespace jci::history
