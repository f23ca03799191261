// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "jci/util/atomic_file.hpp"
#include "temporary_directory.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator(stream), {});
}

std::size_t files_in(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

TEST(AtomicFile, ReplacesWhatThereWasAndItsMode) {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "report";
  write_atomically(file, "old");
  write_atomically(file, "new and longer", 0600);
  EXPECT_EQ(read(file), "new and longer");
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(files_in(directory.path()), 1u);
}

TEST(AtomicFile, KeepsTheOldOneWhereTheNewOneCannotBeWrittenWhole) {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "report";
  write_atomically(file, "old");
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{10, before.rlim_max};
  auto* handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(write_atomically(file, std::string(1000, 'x')), std::system_error);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(read(file), "old");
  EXPECT_EQ(files_in(directory.path()), 1u);
}

TEST(AtomicFile, NamesTheFileThatCannotBeWritten) {
  try {
    write_atomically("/nowhere/report", "x");
    FAIL() << "it was written";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("`/nowhere/report`"), std::string::npos);
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
  }
}

}  // namespace
}  // namespace jci
