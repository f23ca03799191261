// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "jci/util/socket_directory.hpp"
#include "temporary_directory.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;

class SocketDirectories : public testing::Test {
 protected:
  SocketDirectories() {
    ::unsetenv("XDG_RUNTIME_DIR");
    ::setenv("TMPDIR", base_.path().c_str(), 1);
  }
  ~SocketDirectories() override {
    if (before_)
      ::setenv("TMPDIR", before_->c_str(), 1);
    else
      ::unsetenv("TMPDIR");
  }
  std::set<std::string> there() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(base_.path()))
      names.insert(entry.path().filename());
    return names;
  }

  std::optional<std::string> before_ = std::getenv("TMPDIR") == nullptr
                                           ? std::nullopt
                                           : std::optional<std::string>(std::getenv("TMPDIR"));
  TemporaryDirectory base_;
};

TEST_F(SocketDirectories, AreOfThisUserAloneAndLeaveNothing) {
  {
    const SocketDirectory directory("test");
    struct stat status{};
    ::stat(directory.path().c_str(), &status);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    EXPECT_EQ(directory.path().parent_path(), base_.path());
    fs::create_directory(directory.path() / "something");
  }
  EXPECT_EQ(there(), std::set<std::string>());
}

TEST_F(SocketDirectories, TakeAwayWhatKilledProcessesLeftAndNothingElse) {
  const SocketDirectory held("test");
  for (const char* name : {"jaypore-test-killed", "jaypore-other-killed"})
    fs::create_directories(base_.path() / name / "inside");
  const SocketDirectory next("test");
  EXPECT_EQ(there(), (std::set<std::string>{held.path().filename(), next.path().filename(),
                                            "jaypore-other-killed"}));
}

TEST_F(SocketDirectories, GoElsewhereWhereAPathWouldBeTooLongOrStrange) {
  for (const std::string& name : {std::string(60, 'x'), std::string("a%b")}) {
    const fs::path base = base_.path() / name;
    fs::create_directory(base);
    ::setenv("TMPDIR", base.c_str(), 1);
    EXPECT_EQ(SocketDirectory("test").path().parent_path(), "/tmp");
  }
}

}  // namespace
}  // namespace jci
