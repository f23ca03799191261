// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/job.hpp"
#include "jci/core/results.hpp"

namespace jci::results {

/// The files of results that a job names.
struct Wanted {
  std::vector<std::string> junit;  ///< patterns
  std::string coverage;            ///< pattern; may be empty

  std::vector<std::string> patterns() const;
};

/// What they say.
struct Found {
  std::optional<TestResults> tests;
  std::optional<Coverage> coverage;
  std::vector<std::string>
      warnings;  ///< for people: a file that cannot be read, a pattern that matches none

  bool operator==(const Found&) const = default;
};

bool are_wanted(const Job& job);
Wanted wanted_by(const Job& job);

/// Reads the regular files below `directory` that match, the results of several taken together. Jobs write there: no link is followed, no
/// file of more than `k_largest_file` is read. Blocks. Does not throw for what it finds.
Found read(const Wanted& wanted, const std::filesystem::path& directory);

inline constexpr std::size_t k_largest_file = std::size_t{64} << 20;

/// Files below `directory` that match `pattern`, relative to it, sorted; links are neither followed nor given. `*` and `?` stop at a slash,
/// `**` as a whole part does not.
std::vector<std::filesystem::path> matching(const std::filesystem::path& directory,
                                            std::string_view pattern);

/// What of a pattern, whose wildcards are those above, has none: the directories before them; and the file, where there are none at all.
struct Literal {
  std::filesystem::path above;
  std::string file;
};
/// Throws std::runtime_error for a pattern with "..".
Literal literal_part(const std::filesystem::path& pattern);

/// One file each. Throw std::runtime_error saying what is wrong with the text.
///
/// JUnit XML has no standard; read is what pytest, Maven, Gradle, Go's and JavaScript's tools agree in: `testcase` elements at any depth
/// below `testsuites` or `testsuite`, with a child `failure`, `error` or `skipped` unless they passed.
TestResults parse_junit(std::string_view xml);
/// Cobertura's coverage-04.dtd (`line-rate` of the root, or its lines where that is missing), or lcov's tracefile format (geninfo(1): LF, LH).
/// Executed lines and all lines that can be.
struct Lines {
  std::size_t executed = 0;
  std::size_t all = 0;
};
Lines parse_coverage(std::string_view text);

/// `more` joined to `all`.
void add(TestResults& all, TestResults more);

}  // namespace jci::results
