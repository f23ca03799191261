// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jci/core/errors.hpp"
#include "jci/push/refs.hpp"

namespace jci::push {
namespace {

const std::string k_one(40, '1');
const std::string k_two(40, '2');
const std::string k_none(40, '0');

std::string refusal_of(std::string_view text) {
  try {
    read_pushed_refs(text);
  } catch (const BadConfig& error) {
    return error.what();
  }
  return "it was read";
}

TEST(PushedRefs, AreReadAsGitWritesThem) {
  EXPECT_EQ(read_pushed_refs("refs/heads/main " + k_one + " refs/heads/main " + k_two + "\n" +
                             "(delete) " + k_none + " refs/heads/old " + k_two + "\n"),
            (std::vector<PushedRef>{{"refs/heads/main", k_one, "refs/heads/main", k_two},
                                    {"(delete)", k_none, "refs/heads/old", k_two}}));
}

TEST(PushedRefs, OfAnythingThatIsPushedMayBeAnExpressionWithSpaces) {
  EXPECT_EQ(read_pushed_refs(":/Add a thing " + k_one + " refs/heads/x " + k_none),
            (std::vector<PushedRef>{{":/Add a thing", k_one, "refs/heads/x", k_none}}));
}

TEST(PushedRefs, AreNoneWhereGitPushesNothing) { EXPECT_TRUE(read_pushed_refs("").empty()); }

TEST(PushedRefs, RefuseWhatIsNotFromGitAndNameTheLine) {
  EXPECT_EQ(refusal_of("hello\n"),
            "a pre-push hook reads `LOCAL-REF ID REMOTE-REF ID` lines from git, not `hello`");
  EXPECT_THAT(refusal_of("a " + k_one + " b 12\n"), testing::HasSubstr("not `a 1111"));
  EXPECT_THAT(refusal_of("a b c\n"), testing::HasSubstr("not `a b c`"));
  EXPECT_THAT(refusal_of("\x1b[31m\n"), testing::Not(testing::HasSubstr("\x1b")));
}

TEST(PushedRefs, KnowDeletionsAndBranches) {
  const PushedRef deleted{"(delete)", k_none, "refs/heads/x", k_one};
  const PushedRef branch{"HEAD", k_one, "refs/heads/a/b", k_none};
  const PushedRef tag{"v1", k_one, "refs/tags/v1", k_none};
  EXPECT_TRUE(is_deletion(deleted));
  EXPECT_FALSE(is_deletion(branch));
  EXPECT_EQ(branch_of(branch), "a/b");
  EXPECT_EQ(branch_of(tag), "");
}

TEST(PlannedPush, HasWhatWouldBeSentAndNothingElse) {
  EXPECT_EQ(read_planned_push("To ssh://git@example.org/a.git\n"
                              "=\trefs/heads/same:refs/heads/same\t[up to date]\n"
                              " \trefs/heads/main:refs/heads/main\t1111111..2222222\n"
                              "+\trefs/heads/forced:refs/heads/forced\t1..2 (forced update)\n"
                              "*\tHEAD:refs/heads/new\t[new branch]\n"
                              "-\t:refs/heads/gone\t[deleted]\n"
                              "!\trefs/heads/no:refs/heads/no\t[rejected] (fetch first)\n"
                              "Done\n"),
            (PlannedPush{"ssh://git@example.org/a.git",
                         {{"refs/heads/main", "refs/heads/main", "refs/heads/main", ""},
                          {"refs/heads/forced", "refs/heads/forced", "refs/heads/forced", ""},
                          {"HEAD", "HEAD", "refs/heads/new", ""}}}));
}

}  // namespace
}  // namespace jci::push
