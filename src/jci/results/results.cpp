// SPDX-License-Identifier: MIT
#include "jci/results/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "jci/results/lcov.hpp"
#include "jci/results/results_module.hpp"
#include "jci/util/beneath.hpp"
#include "jci/util/module.hpp"

namespace jci::results {
namespace {

namespace fs = std::filesystem;

constinit const Module<ResultsModule> xml{"libjci_results.so", "jci_results"};

std::string read_file(const fs::path& directory, const fs::path& file) {
  auto bytes = read_beneath(directory, file, k_largest_file + 1);
  if (!bytes) throw std::runtime_error(bytes.error().message());
  if (bytes->size() > k_largest_file)
    throw std::runtime_error(fmt::format("it is larger than {} MiB", k_largest_file >> 20));
  return *std::move(bytes);
}

/// Hands each file that matches to `take`; what that throws, and that there is none, is a warning.
template <class Take>
void each_file(const fs::path& directory, const std::string& pattern, std::string_view what,
               std::vector<std::string>& warnings, const Take& take) {
  const std::vector<fs::path> files = matching(directory, pattern);
  if (files.empty()) warnings.push_back(fmt::format("no file of {} matches `{}`", what, pattern));
  for (const fs::path& file : files) {
    try {
      take(read_file(directory, file));
    } catch (const std::exception& error) {
      warnings.push_back(
          fmt::format("`{}` cannot be read for {}: {}", file.string(), what, error.what()));
    }
  }
}

}  // namespace

std::vector<std::string> Wanted::patterns() const {
  std::vector<std::string> all = junit;
  if (!coverage.empty()) all.push_back(coverage);
  return all;
}

bool are_wanted(const Job& job) {
  return job.settings && (job.settings->junit || job.settings->coverage);
}

Wanted wanted_by(const Job& job) {
  return {job.settings->junit.value_or(std::vector<std::string>{}),
          job.settings->coverage.value_or("")};
}

Found read(const Wanted& wanted, const fs::path& directory) {
  Found found;
  for (const std::string& pattern : wanted.junit) {
    each_file(directory, pattern, "test results", found.warnings, [&](const std::string& text) {
      TestResults more = parse_junit(text);
      if (!found.tests) found.tests.emplace();
      add(*found.tests, std::move(more));
    });
  }
  if (wanted.coverage.empty()) return found;
  Lines lines;
  each_file(directory, wanted.coverage, "coverage", found.warnings, [&](const std::string& text) {
    const Lines more = parse_coverage(text);
    lines.executed += more.executed;
    lines.all += more.all;
  });
  if (lines.all > 0)
    found.coverage =
        Coverage{100.0 * static_cast<double>(lines.executed) / static_cast<double>(lines.all), {}};
  return found;
}

TestResults parse_junit(std::string_view text) { return xml->junit(text); }

Lines parse_coverage(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  const bool is_xml = first != std::string_view::npos && text[first] == '<';
  const Lines lines = is_xml ? xml->cobertura(text) : parse_lcov(text);
  if (lines.all == 0) throw std::runtime_error("it tells of no line");
  if (lines.executed > lines.all)
    throw std::runtime_error(
        fmt::format("it tells of {} executed lines among {}", lines.executed, lines.all));
  return lines;
}

void add(TestResults& all, TestResults more) {
  all.passed += more.passed;
  all.failed += more.failed;
  all.skipped += more.skipped;
  all.took = std::min(all.took + more.took, TestResults::k_longest);
  const std::size_t room = TestResults::k_shown_failures - all.failures.size();
  if (more.failures.size() > room) more.failures.resize(room);
  std::ranges::move(more.failures, std::back_inserter(all.failures));
}

}  // namespace jci::results
