// SPDX-License-Identifier: MIT
#include "jci/reporters/html_words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>

#include "jci/core/status.hpp"
#include "jci/reporters/markup.hpp"
#include "jci/util/text.hpp"

namespace jci::report {
namespace {

constexpr std::size_t k_sha_characters = 10;

std::string short_name(const std::string& name) { return html_line(name, 60); }

}  // namespace

std::string html_line(std::string_view text, std::size_t characters) {
  return markup_text(shorten(sanitize_line(text), characters));
}

std::string html_monospaced(std::string_view text) {
  return "<code>" + html_line(text) + "</code>";
}

std::string html_headline(const PipelineView& view, const std::vector<ToldJob>& jobs) {
  std::vector<std::string> names;
  for (const auto& told : jobs)
    if (is_cause(told.job->status)) names.push_back(told.job->name);
  const std::string word(in_words(view.status));
  return names.empty() ? word : fmt::format("{}: {}", word, named(names, short_name));
}

std::string_view subject_of(const PipelineView& view) {
  return std::string_view(view.commit_message).substr(0, view.commit_message.find('\n'));
}

std::string html_facts(const PipelineView& view) {
  std::vector<std::string> facts;
  if (!view.sha.empty()) facts.push_back(html_monospaced(cut(view.sha, k_sha_characters)));
  if (!view.branch.empty()) facts.push_back("on " + html_monospaced(view.branch));
  if (view.started_at) {
    facts.push_back(
        fmt::format("{:%Y-%m-%d %H:%M} UTC",
                    fmt::gmtime(std::chrono::system_clock::to_time_t(*view.started_at))));
    facts.push_back(human_duration(view.elapsed));
  }
  if (view.before && is_final(view.status) && *view.before != view.status)
    facts.emplace_back(*view.before == Status::passed ? "the run before passed"
                                                      : "the run before did not pass");
  return fmt::format("{}", fmt::join(facts, " · "));
}

std::string html_reason(const ToldJob& told) {
  if (told.reason.empty() || told.reason == in_words(told.job->status)) return {};
  return html_line(told.reason);
}

std::vector<std::string> html_details(const JobView& job) {
  std::vector<std::string> facts;
  if (job.is_service) facts.emplace_back("service");
  if (!job.depends_on.empty()) facts.push_back("after " + named(job.depends_on, short_name));
  if (!job.report.empty()) facts.push_back(html_monospaced(job.report));
  if (job.tests) facts.push_back("tests: " + counts_of(*job.tests));
  if (job.coverage) facts.push_back("coverage: " + percent_of(*job.coverage));
  return facts;
}

}  // namespace jci::report
