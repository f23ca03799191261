// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "jci/executors/docker/docker_program.hpp"
#include "jci/executors/docker/ownership.hpp"
#include "temporary_directory.hpp"

namespace jci::docker {
namespace {

namespace fs = std::filesystem;

TEST(DockerOwnership, SeesFilesOfOthersHoweverDeep) {
  const TemporaryDirectory temp;
  fs::create_directories(temp.path() / "a/b");
  std::ofstream(temp.path() / "a/b/file");
  fs::create_symlink(
      "/", temp.path() / "root");  // not followed: `/` has files of others, or of root at least
  EXPECT_FALSE(has_foreign_files(temp.path()));
  if (::geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  ASSERT_EQ(::lchown((temp.path() / "a/b/file").c_str(), 12345, 12345), 0);
  EXPECT_TRUE(has_foreign_files(temp.path()));
}

TEST(DockerProgram, RunsInAnyImageOnlyIfItNeedsNoLoader) {
  const TemporaryDirectory temp;
  std::ofstream(temp.path() / "script") << "#!/bin/sh\n";
  EXPECT_FALSE(is_static_program("/bin/sh"));
  EXPECT_FALSE(is_static_program(temp.path() / "script"));
  EXPECT_FALSE(is_static_program(temp.path() / "nowhere"));
  EXPECT_FALSE(is_static_program(temp.path()));
}

}  // namespace
}  // namespace jci::docker
