// SPDX-License-Identifier: MIT
#include "jci/reporters/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "jci/core/blame.hpp"
#include "jci/core/dot.hpp"
#include "jci/reporters/words.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

constexpr std::string_view k_title = "JayporeCI";
constexpr std::string_view k_bottom = "┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛\n";
constexpr std::size_t k_least_name_columns = 15;
constexpr std::size_t k_run_id_columns = 8;
constexpr std::size_t k_report_columns = 10;
constexpr std::size_t k_sha_characters = 10;
constexpr std::size_t k_reason_columns = 100;
constexpr std::size_t k_most_tests = 10;
constexpr std::size_t k_message_lines = 5;
constexpr std::size_t k_line_characters = 300;

std::size_t name_columns(const PipelineView& view) {
  auto columns = k_least_name_columns;
  for (const auto& stage : view.stages) {
    for (const auto& job : stage.jobs)
      columns = std::max(columns, display_width(sanitize_line(job.name)));
  }
  return columns;
}

std::string cell(std::string_view text, std::size_t columns) {
  return pad(cut(sanitize_line(text), columns), columns);
}

std::string run_id_of(const JobView& job) {
  return job.run_id.empty() ? std::string(k_run_id_columns, '.')
                            : cell(job.run_id, k_run_id_columns);
}

std::string time_of(const JobView& job) {
  return job.elapsed ? minutes_seconds(*job.elapsed) : "--:--";
}

/// `<job name>.txt`: its first line.
std::string report_of(const JobView& job) {
  const auto line = std::string_view(job.report).substr(0, job.report.find('\n'));
  const auto text = cell(line, k_report_columns);
  return text.find_first_not_of(' ') == text.npos ? "" : fmt::format(" [{}]", text);
}

std::string parents_of(const JobView& job) {
  if (job.depends_on.empty()) return {};
  return fmt::format(" ❮-- ['{}']",
                     sanitize_line(fmt::to_string(fmt::join(job.depends_on, "', '"))));
}

/// How long others had to wait for a service, where they had to.
std::string service_of(const JobView& job) {
  constexpr auto at_once = std::chrono::milliseconds(100);
  if (!job.is_service) return {};
  if (!job.up_after || *job.up_after < at_once) return " service";
  return fmt::format(" service, ready after {}", human_duration(*job.up_after));
}

std::string reason_of(const JobView& job, const std::string& why_skipped) {
  if (job.status == Status::skipped) return " skipped: " + sanitize_line(why_skipped);
  if (!is_bad(job.status) || !job.outcome) return {};
  return " " + elide(sanitize_line(describe(*job.outcome)), k_reason_columns);
}

class Text : public Reporter {
 public:
  std::string render(const PipelineView& view) override {
    const auto columns = name_columns(view);
    Blame blame;
    auto text = header(view, columns);
    for (std::size_t at = 0; at < view.stages.size(); ++at) {
      append_stage(text, view.stages[at], at, columns, blame);
    }
    for (const auto& stage : view.stages) {
      for (const auto& job : stage.jobs) append_results(text, job);
    }
    for (const auto& warning : view.warnings) append_warning(text, "", warning);
    return text;
  }

 private:
  static std::string header(const PipelineView& view, std::size_t columns) {
    const auto clean = sanitize_line(view.sha);
    const auto sha = cut(clean, k_sha_characters);
    const auto title = sha.empty() ? std::string(k_title) : pad(k_title, columns);
    return fmt::format("╔ {} : {}{}\n", dot(view.status), title,
                       sha.empty() ? "" : fmt::format(" [sha {}]", sha));
  }

  static void append_stage(std::string& text, const StageView& stage, std::size_t number,
                           std::size_t columns, Blame& blame) {
    fmt::format_to(std::back_inserter(text), "┏━ {}\n┃\n", sanitize_line(stage.name));
    if (stage.jobs.empty()) text += "┃ no jobs\n";
    for (const auto& job : stage.jobs) {
      const auto why_skipped = blame.tell(number, job.name, job.status, job.depends_on);
      fmt::format_to(std::back_inserter(text), "┃ {} : {} [{}] {:>6}{}{}{}{}\n", dot(job.status),
                     pad(sanitize_line(job.name), columns), run_id_of(job), time_of(job),
                     report_of(job), parents_of(job), service_of(job), reason_of(job, why_skipped));
    }
    text += k_bottom;
  }

  static void append_results(std::string& text, const JobView& job) {
    const auto found = results_of(job);
    if (found.empty() && job.warnings.empty()) return;
    const auto between = found.empty() ? "" : ": ";
    fmt::format_to(std::back_inserter(text), "{}{}{}\n", sanitize_line(job.name), between, found);
    if (job.tests) append_failing_tests(text, *job.tests);
    for (const auto& warning : job.warnings) append_warning(text, "  ", warning);
  }

  static std::string results_of(const JobView& job) {
    std::string found;
    if (job.tests) found = "tests: " + report::counts_of(*job.tests);
    if (job.coverage)
      found += (found.empty() ? "" : "; ") + ("coverage: " + report::percent_of(*job.coverage));
    return found;
  }

  static void append_failing_tests(std::string& text, const TestResults& tests) {
    const auto shown = std::min(tests.failures.size(), k_most_tests);
    for (std::size_t at = 0; at < shown; ++at) {
      const auto& test = tests.failures[at];
      fmt::format_to(std::back_inserter(text), "  ✗ {}\n",
                     elide(report::full_name(test), k_reason_columns));
      append_message(text, test.message);
    }
    if (shown < tests.failed)
      fmt::format_to(std::back_inserter(text), "  … and {} more\n", tests.failed - shown);
  }

  static void append_message(std::string& text, std::string_view message) {
    const auto lines = report::first_lines(message, k_message_lines, k_line_characters);
    for (std::string_view rest = lines; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      fmt::format_to(std::back_inserter(text), "      {}\n", rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  static void append_warning(std::string& text, std::string_view indent, std::string_view warning) {
    fmt::format_to(std::back_inserter(text), "{}⚠ {}\n", indent,
                   shorten(sanitize_line(warning), k_line_characters));
  }
};

}  // namespace

std::unique_ptr<Reporter> make_text_reporter() { return std::make_unique<Text>(); }

}  // namespace jci
