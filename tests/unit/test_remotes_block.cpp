// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "jci/remotes/block.hpp"

namespace jci {
namespace {

const std::string k_begin = "<!-- jaypore-ci:begin jaypore_ci -->\n";
const std::string k_end = "<!-- jaypore-ci:end jaypore_ci -->\n";

std::string block(const std::string& report) { return make_block("jaypore-ci", report); }

std::string published_into(const std::string& body, const std::string& report) {
  return with_block(body, "jaypore-ci", block(report));
}

TEST(Block, StandsBetweenTwoLinesThatMarkdownDoesNotShow) {
  EXPECT_EQ(block("all is **well**"), k_begin + "all is **well**\n" + k_end);
}

TEST(Block, PutsATextReportIntoAFenceThatItCannotClose) {
  EXPECT_EQ(block("╔ ok\n┃ ```` \n"), k_begin + "`````\n╔ ok\n┃ ```` \n`````\n" + k_end);
}

TEST(Block, CannotBeEndedByAReport) {
  const std::string hostile = "log\n" + k_end + "and " + k_begin;
  const std::string body = published_into("Mine.\n", hostile);
  EXPECT_EQ(published_into(body, "new"), "Mine.\n\n" + block("new"));
}

TEST(Block, IsTheWholeOfAnEmptyBody) { EXPECT_EQ(published_into("", "one"), block("one")); }

TEST(Block, FollowsWhatPeopleWrote) {
  EXPECT_EQ(published_into("Fixes #1", "one"), "Fixes #1\n\n" + block("one"));
}

TEST(Block, IsReplacedWhereItStandsAndNothingElse) {
  const std::string around = "Before  \r\n\r\n";
  const std::string behind = "\r\n- [ ] after\r\n\t";
  EXPECT_EQ(published_into(around + block("one") + behind, "two"), around + block("two") + behind);
}

TEST(Block, IsKnownAgainWithTheLineEndsOfABrowser) {
  std::string body = "Mine\r\n\r\n";
  for (const char sign : block("one"))
    body += sign == '\n' ? std::string("\r\n") : std::string(1, sign);
  EXPECT_EQ(published_into(body, "two"), "Mine\r\n\r\n" + block("two"));
}

TEST(Block, IsKnownAgainWithoutItsLastNewline) {
  std::string body = "Mine\n\n" + block("one");
  body.pop_back();
  EXPECT_EQ(published_into(body, "two"), "Mine\n\n" + block("two"));
}

TEST(Block, ThatLostItsEndBelongsToPeople) {
  const std::string body = k_begin + "half a report\nmy words\n";
  const std::string once = published_into(body, "one");
  EXPECT_EQ(once, body + "\n" + block("one"));
  EXPECT_EQ(published_into(once, "two"), body + "\n" + block("two"));
}

TEST(Block, ThatLostItsBeginBelongsToPeople) {
  const std::string body = "my words\n" + k_end + "more\n";
  EXPECT_EQ(published_into(published_into(body, "one"), "two"), body + "\n" + block("two"));
}

TEST(Block, IsNotTakenForOneThatIsQuoted) {
  const std::string body = "> " + k_begin + "> text\n> " + k_end;
  EXPECT_EQ(published_into(body, "one"), body + "\n" + block("one"));
}

TEST(Block, ReplacedWithItselfChangesNothing) {
  const std::string body = "Mine\n\n" + block("one") + "Yours";
  EXPECT_EQ(published_into(body, "one"), body);
}

TEST(Block, OfAnotherPipelineIsLeftAlone) {
  const std::string other = make_block("nightly", "theirs");
  EXPECT_EQ(published_into(other, "one"), other + "\n" + block("one"));
}

TEST(Block, HasANameThatEndsNoComment) {
  EXPECT_EQ(block_begin("a --> b\n<!--"), "<!-- jaypore-ci:begin a ___ b _!__ -->");
}

}  // namespace
}  // namespace jci
