// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "jci/repos/mock.hpp"

namespace jci {
namespace {

TEST(MockRepo, AnswersWithTheFactsItWasGiven) {
  const MockRepo repo({"abc", "main", "https://example.com/r", "Fix it\n\njci:release\n", {}});
  EXPECT_EQ(repo.sha(), "abc");
  EXPECT_EQ(repo.branch(), "main");
  EXPECT_EQ(repo.remote(), "https://example.com/r");
  EXPECT_TRUE(contains(repo.commit_message(), "jci:release"));
  EXPECT_EQ(repo.root(), "");
}

TEST(MockRepo, SortsTheChangedFilesAndNamesEachOnce) {
  const MockRepo repo({}, {"b", "a/c", "b"});
  EXPECT_EQ(repo.files_changed("main"), (std::vector<std::string>{"a/c", "b"}));
}

}  // namespace
}  // namespace jci
