// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace jci::testing_git {

/// Everything below a directory of its own, removed at the end. Git sees neither the user's nor the system's configuration.
class GitFixture : public ::testing::Test {
 protected:
  GitFixture();
  ~GitFixture() override;

  /// Runs `git <arguments>` (a shell line) in `directory`, checks that it succeeds, and gives its output without the last newline.
  static std::string git(const std::filesystem::path& directory, const std::string& arguments);
  /// The same for any shell line.
  static std::string shell(const std::filesystem::path& directory, const std::string& line);

  /// A repository with a working tree and no commit, on branch `main`.
  std::filesystem::path make_repository(const std::string& name = "repo") const;
  /// Writes `file`, with its parent directories, and commits everything. Gives the commit's id.
  static std::string commit_file(const std::filesystem::path& repository, const std::string& file,
                                 std::string_view content, const std::string& message = "change");

  static void write(const std::filesystem::path& file, std::string_view content);
  static std::string read(const std::filesystem::path& file);

  /// $HOME, the same for all tests: libgit2 asks for it only once in a process. `.gitconfig` in it lasts for one test.
  static const std::filesystem::path& home();

  const std::filesystem::path& temp() const { return temp_; }

 private:
  std::filesystem::path temp_;
};

}  // namespace jci::testing_git
