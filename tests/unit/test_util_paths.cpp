// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "jci/core/errors.hpp"
#include "jci/util/paths.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;

class Paths : public testing::Test {
 protected:
  Paths() {
    std::string name = (fs::temp_directory_path() / "jci-paths-XXXXXX").string();
    scratch_ = ::mkdtemp(name.data());
    for (const char* variable : {"HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}) {
      const char* value = std::getenv(variable);
      saved_[variable] = value != nullptr ? std::optional<std::string>(value) : std::nullopt;
      ::unsetenv(variable);
    }
  }
  ~Paths() override {
    for (const auto& [variable, value] : saved_) {
      value ? ::setenv(variable.c_str(), value->c_str(), 1) : ::unsetenv(variable.c_str());
    }
    fs::remove_all(scratch_);
  }

  static void set(const char* variable, const fs::path& value) {
    ::setenv(variable, value.c_str(), 1);
  }

  fs::path scratch_;
  std::map<std::string, std::optional<std::string>> saved_;
};

TEST_F(Paths, FollowTheXdgVariables) {
  set("XDG_STATE_HOME", "/s");
  set("XDG_CACHE_HOME", "/c");
  EXPECT_EQ(state_path(), "/s/jaypore");
  EXPECT_EQ(cache_path(), "/c/jaypore");
}

TEST_F(Paths, LieBelowHomeWithoutThem) {
  set("HOME", "/h");
  EXPECT_EQ(state_path(), "/h/.local/state/jaypore");
  EXPECT_EQ(cache_path(), "/h/.cache/jaypore");
}

TEST_F(Paths, IgnoreEmptyAndRelativeVariables) {
  set("HOME", "/h");
  set("XDG_STATE_HOME", "");
  set("XDG_CACHE_HOME", "here");
  EXPECT_EQ(state_path(), "/h/.local/state/jaypore");
  EXPECT_EQ(cache_path(), "/h/.cache/jaypore");
}

TEST_F(Paths, AskThePasswordDatabaseWithoutHome) {
  EXPECT_EQ(state_path(), fs::path(::getpwuid(::getuid())->pw_dir) / ".local/state/jaypore");
}

TEST_F(Paths, MakeTheDirectoryForItsOwnerAlone) {
  set("XDG_STATE_HOME", scratch_ / "deep" / "er");
  const auto directory = state_directory();
  EXPECT_EQ(directory, scratch_ / "deep/er/jaypore");
  EXPECT_EQ(fs::status(directory).permissions(), fs::perms::owner_all);
}

TEST_F(Paths, SayWhatToDoWhereTheDirectoryCannotBeWritten) {
  std::ofstream(scratch_ / "jaypore") << "in the way";
  set("XDG_STATE_HOME", scratch_);
  EXPECT_THAT(state_directory,
              testing::ThrowsMessage<TriggerFailed>(
                  "cannot write to `" + (scratch_ / "jaypore").string() +
                  "`: Not a directory. Make it writable, or set XDG_STATE_HOME to a directory "
                  "that is"));
}

}  // namespace
}  // namespace jci
