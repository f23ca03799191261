// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/view.hpp"

namespace jci::report {

// What reports of every form say, in the same words. All text is valid UTF-8 on one line, unless said otherwise, and harmless for
// a terminal; what more a form needs is its own business.

/// One job with what is known only from the jobs before it.
struct ToldJob {
  const StageView* stage;
  const JobView* job;
  std::string
      reason;  ///< why it did not pass: "exit code 1"; skipped: "`build` failed"; else empty
};

/// All jobs, in order. They point into `view`.
std::vector<ToldJob> told_jobs(const PipelineView& view);

/// Ended badly by itself: failed, timed out or cancelled.
bool is_cause(Status status);

/// "`PyTest`", "`Lint` and `PyTest`", "`A`, `B`, `C` and 7 more": each name as `show` gives it.
template <class Show>
std::string named(const std::vector<std::string>& names, const Show& show);

/// "38 passed, 2 failed, 1 skipped"; what there is none of is left out.
std::string counts_of(const TestResults& tests);
/// "83.1%", and where it is known how much more that is than before: "83.1% (+0.4)".
std::string percent_of(const Coverage& coverage);
/// `suite` and `name` in one.
std::string full_name(const FailedTest& test);

/// The last `lines` lines of any text, each of at most `characters`; no newline at the end.
std::string last_lines(std::string_view text, std::size_t lines, std::size_t characters);
/// The same with the first ones.
std::string first_lines(std::string_view text, std::size_t lines, std::size_t characters);

// --- Inline implementations ---

template <class Show>
std::string named(const std::vector<std::string>& names, const Show& show) {
  constexpr std::size_t k_most = 3;
  const std::size_t shown = names.size() > k_most ? k_most : names.size();
  std::string text;
  for (std::size_t at = 0; at < shown; ++at) {
    const bool is_last = at + 1 == names.size();
    if (at > 0) text += is_last ? " and " : ", ";
    text += show(names[at]);
  }
  if (shown < names.size()) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

}  // namespace jci::report
