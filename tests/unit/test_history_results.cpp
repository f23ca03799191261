// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "jci/history/results.hpp"

namespace jci::history {
namespace {

JobState back(const JobState& state) {
  JobState again;
  results_from_text(results_to_text(state), again);
  return again;
}

TEST(HistoryResults, GivesBackWhatItWasGiven) {
  JobState state;
  state.tests =
      TestResults{.passed = 38,
                  .failed = 2,
                  .skipped = 1,
                  .took = Nanoseconds(12'345'678'901),
                  .failures = {{"suite", "name", "a \"message\"\non two lines"}, {"", "", ""}}};
  state.coverage = Coverage{.percent = 83.14, .before = 82.7};
  state.warnings = {"one", "two"};
  const auto again = back(state);
  EXPECT_EQ(again.tests, state.tests);
  EXPECT_EQ(again.coverage, state.coverage);
  EXPECT_EQ(again.warnings, state.warnings);
}

TEST(HistoryResults, KeepsNothingOfNothing) {
  EXPECT_EQ(results_to_text({}), "");
  const auto again = back({});
  EXPECT_EQ(again.tests, std::nullopt);
  EXPECT_EQ(again.coverage, std::nullopt);
  EXPECT_TRUE(again.warnings.empty());
}

TEST(HistoryResults, KeepsACoverageWithoutAnEarlierOne) {
  JobState state;
  state.coverage = Coverage{.percent = 100, .before = std::nullopt};
  EXPECT_EQ(back(state).coverage, state.coverage);
}

TEST(HistoryResults, ReplacesBytesThatAreNoText) {
  JobState state;
  state.warnings = {"a\xFF"};
  EXPECT_EQ(back(state).warnings, std::vector<std::string>{"a\xEF\xBF\xBD"});
}

TEST(HistoryResults, LeavesOutWhatItDoesNotUnderstand) {
  for (const auto* text :
       {"{", "[]", "7", R"({"tests": 3})", R"({"tests": {"passed": -1}})", R"({"coverage": {}})"}) {
    JobState state;
    results_from_text(text, state);
    EXPECT_EQ(state.tests, std::nullopt) << text;
    EXPECT_EQ(state.coverage, std::nullopt) << text;
  }
}

}  // namespace
}  // namespace jci::history
