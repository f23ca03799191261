// SPDX-License-Identifier: MIT
#include "jci/reporters/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jci/core/blame.hpp"
#include "jci/util/text.hpp"

namespace jci::report {
namespace {

std::string reason_of(const JobView& job, const std::string& why_skipped) {
  if (job.status == Status::skipped) return sanitize_line(why_skipped);
  if (!is_bad(job.status) || !job.outcome) return {};
  return sanitize_line(describe(*job.outcome));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().find_first_not_of(' ') == std::string_view::npos)
    lines.pop_back();
  return lines;
}

std::string joined(std::vector<std::string_view>::const_iterator from,
                   std::vector<std::string_view>::const_iterator to, std::size_t characters) {
  std::string text;
  for (; from != to; ++from) {
    if (!text.empty()) text += '\n';
    text += shorten(*from, characters);
  }
  return text;
}

}  // namespace

std::vector<ToldJob> told_jobs(const PipelineView& view) {
  std::vector<ToldJob> told;
  Blame blame;
  for (std::size_t at = 0; at < view.stages.size(); ++at) {
    for (const auto& job : view.stages[at].jobs) {
      const auto why_skipped = blame.tell(at, job.name, job.status, job.depends_on);
      told.push_back({&view.stages[at], &job, reason_of(job, why_skipped)});
    }
  }
  return told;
}

bool is_cause(Status status) { return is_bad(status) && status != Status::skipped; }

std::string counts_of(const TestResults& tests) {
  std::string text;
  const auto add = [&text](std::size_t number, std::string_view word) {
    if (number != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, word);
  };
  add(tests.passed, "passed");
  add(tests.failed, "failed");
  add(tests.skipped, "skipped");
  return text.empty() ? "none" : text;
}

std::string percent_of(const Coverage& coverage) {
  const auto now = fmt::format("{:.1f}%", coverage.percent);
  if (!coverage.before) return now;
  const double more = std::round((coverage.percent - *coverage.before) * 10) / 10;
  return more == 0 ? now + " (±0)" : fmt::format("{} ({:+.1f})", now, more);
}

std::string full_name(const FailedTest& test) {
  const auto suite = sanitize_line(test.suite);
  const auto name = sanitize_line(test.name);
  return suite.empty() ? name : suite + " › " + name;
}

std::string last_lines(std::string_view text, std::size_t lines, std::size_t characters) {
  const auto clean = sanitize(text);
  const auto all = lines_of(clean);
  const auto shown = std::min(lines, all.size());
  return joined(all.end() - static_cast<std::ptrdiff_t>(shown), all.end(), characters);
}

std::string first_lines(std::string_view text, std::size_t lines, std::size_t characters) {
  const auto clean = sanitize(text);
  const auto all = lines_of(clean);
  const auto shown = std::min(lines, all.size());
  return joined(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown), characters);
}

}  // namespace jci::report
