// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace jci {

/// One test that did not pass.
struct FailedTest {
  std::string suite;  ///< its class or file; may be empty
  std::string name;
  std::string message;  ///< the first lines of what it said; any text
  bool operator==(const FailedTest&) const = default;
};

/// What the JUnit XML files of a job say.
struct TestResults {
  std::size_t passed = 0;
  std::size_t failed = 0;  ///< failures and errors
  std::size_t skipped = 0;
  std::chrono::nanoseconds took{0};
  std::vector<FailedTest> failures;  ///< the first ones: at most `k_shown_failures`

  static constexpr std::size_t k_shown_failures = 50;
  /// Whatever files say, `took` is no longer: sums of times do not overflow.
  static constexpr std::chrono::nanoseconds k_longest = std::chrono::hours(24 * 366 * 100);
  std::size_t total() const { return passed + failed + skipped; }
  bool operator==(const TestResults&) const = default;
};

/// How much of the code its tests run.
struct Coverage {
  double percent = 0;            ///< of lines, 0 to 100
  std::optional<double> before;  ///< on the target branch, the last time
  bool operator==(const Coverage&) const = default;
};

}  // namespace jci
