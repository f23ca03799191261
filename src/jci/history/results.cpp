// SPDX-License-Identifier: MIT
#include "jci/history/results.hpp"

#include <boost/json.hpp>

#include <cmath>
#include <system_error>

#include "jci/util/text.hpp"

namespace jci::history {
namespace {

namespace json = boost::json;

json::array tests_json(const std::vector<FailedTest>& tests) {
  json::array listed;
  for (const auto& test : tests)
    listed.push_back(
        {to_valid_utf8(test.suite), to_valid_utf8(test.name), to_valid_utf8(test.message)});
  return listed;
}

json::object tests_json(const TestResults& tests) {
  return {{"passed", tests.passed},
          {"failed", tests.failed},
          {"skipped", tests.skipped},
          {"took_ns", tests.took.count()},
          {"failures", tests_json(tests.failures)}};
}

json::object coverage_json(const Coverage& coverage) {
  json::object kept{{"percent", coverage.percent}};
  if (coverage.before && std::isfinite(*coverage.before)) kept["before"] = *coverage.before;
  return kept;
}

json::array warnings_json(const std::vector<std::string>& warnings) {
  json::array kept;
  for (const auto& warning : warnings) kept.emplace_back(to_valid_utf8(warning));
  return kept;
}

template <class Number>
Number number_in(const json::object& from, json::string_view key) {
  return from.at(key).to_number<Number>();
}

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

TestResults tests_from(const json::object& kept) {
  TestResults tests{.passed = number_in<std::size_t>(kept, "passed"),
                    .failed = number_in<std::size_t>(kept, "failed"),
                    .skipped = number_in<std::size_t>(kept, "skipped"),
                    .took = Nanoseconds(number_in<std::int64_t>(kept, "took_ns")),
                    .failures = {}};
  for (const auto& test : kept.at("failures").as_array()) {
    const auto& parts = test.as_array();
    tests.failures.push_back({text_of(parts.at(0)), text_of(parts.at(1)), text_of(parts.at(2))});
  }
  return tests;
}

Coverage coverage_from(const json::object& kept) {
  Coverage coverage{.percent = number_in<double>(kept, "percent"), .before = std::nullopt};
  if (kept.contains("before")) coverage.before = number_in<double>(kept, "before");
  return coverage;
}

}  // namespace

std::string results_to_text(const JobState& state) {
  json::object kept;
  if (state.tests) kept["tests"] = tests_json(*state.tests);
  if (state.coverage && std::isfinite(state.coverage->percent))
    kept["coverage"] = coverage_json(*state.coverage);
  if (!state.warnings.empty()) kept["warnings"] = warnings_json(state.warnings);
  return kept.empty() ? "" : json::serialize(kept);
}

void results_from_text(std::string_view text, JobState& state) {
  if (text.empty()) return;
  try {
    const auto parsed = json::parse(json::string_view(text.data(), text.size()));
    const auto& kept = parsed.as_object();
    if (const auto* tests = kept.if_contains("tests")) state.tests = tests_from(tests->as_object());
    if (const auto* coverage = kept.if_contains("coverage"))
      state.coverage = coverage_from(coverage->as_object());
    if (const auto* warnings = kept.if_contains("warnings"))
      for (const auto& warning : warnings->as_array()) state.warnings.push_back(text_of(warning));
  } catch (const std::exception&) {
    // Written by something else than us: the run itself is still worth showing.
  }
}

}  // namespace jci::history
