// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "jci/util/beneath.hpp"
#include "temporary_directory.hpp"

namespace jci {
namespace {

class ReadBeneath : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(inside() / "sub");
    std::ofstream(inside() / "sub/file") << "0123456789";
    std::ofstream(top.path() / "secret") << "secret";
  }
  std::filesystem::path inside() const { return top.path() / "inside"; }
  std::string read(const std::filesystem::path& relative, std::size_t max_bytes = 100) const {
    const auto text = read_beneath(inside(), relative, max_bytes);
    return text ? *text : "error: " + text.error().message();
  }

  TemporaryDirectory top;
};

TEST_F(ReadBeneath, ReadsAFile) { EXPECT_EQ(read("sub/file"), "0123456789"); }

TEST_F(ReadBeneath, ReadsNoMoreThanAsked) {
  EXPECT_EQ(read("sub/file", 4), "0123");
  EXPECT_EQ(read("sub/file", 10), "0123456789");
}

TEST_F(ReadBeneath, SaysWhatIsMissing) {
  EXPECT_EQ(read("sub/none"), "error: No such file or directory");
  EXPECT_EQ(read_beneath(top.path() / "none", "x", 1).error().value(), ENOENT);
}

TEST_F(ReadBeneath, FollowsNoLinkEvenOneThatStaysInside) {
  std::filesystem::create_symlink("sub/file", inside() / "link");
  std::filesystem::create_directory_symlink("sub", inside() / "folder");
  EXPECT_EQ(read("link"), "error: Too many levels of symbolic links");
  EXPECT_EQ(read("folder/file"), "error: Too many levels of symbolic links");
}

TEST_F(ReadBeneath, DoesNotLeaveTheDirectory) {
  EXPECT_EQ(read("../secret"), "error: Invalid cross-device link");
  EXPECT_EQ(read(top.path() / "secret"), "error: Invalid cross-device link");
}

TEST_F(ReadBeneath, TakesTheDirectoryThroughALink) {
  std::filesystem::create_directory_symlink(inside(), top.path() / "alias");
  EXPECT_EQ(read_beneath(top.path() / "alias", "sub/file", 100), "0123456789");
}

TEST_F(ReadBeneath, ReadsNothingButRegularFilesAndDoesNotHangOnAFifo) {
  ASSERT_EQ(::mkfifo((inside() / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(read("fifo"), "error: Invalid argument");
  EXPECT_EQ(read("sub"), "error: Invalid argument");
}

}  // namespace
}  // namespace jci
