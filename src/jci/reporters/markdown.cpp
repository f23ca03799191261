// SPDX-License-Identifier: MIT
#include "jci/reporters/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/core/dot.hpp"
#include "jci/core/errors.hpp"
#include "jci/reporters/markup.hpp"
#include "jci/reporters/mermaid.hpp"
#include "jci/reporters/words.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

using report::markdown_code;
using report::ToldJob;

constexpr std::size_t k_sha_characters = 10;
constexpr std::size_t k_name_characters = 60;
constexpr std::size_t k_text_characters = 200;
constexpr std::size_t k_all = SIZE_MAX;
constexpr std::size_t k_most_bytes_of_a_character = 4;

/// How much is told. Of each list the first ones.
struct Detail {
  std::size_t log_lines = 20;
  std::size_t line_characters = 500;
  std::size_t logs = k_all;
  std::size_t failures = TestResults::k_shown_failures;  ///< of each job
  std::size_t message_lines = 10;
  bool graph = true;
  std::size_t rows = k_all;
  std::size_t warnings = 50;
  std::string_view says;  ///< what was shortened to get here
};

constexpr std::string_view k_logs_shorter = "only the last lines of logs are shown";
constexpr std::string_view k_no_logs = "logs are left out";
constexpr std::string_view k_fewer_failures = "logs and most failing tests are left out";
constexpr std::string_view k_no_graph = "logs, most failing tests and the graph are left out";
constexpr std::string_view k_fewer_rows =
    "logs, failing tests, the graph and most jobs are left out";

/// From all to next to nothing; the last one fits into `k_least_characters` whatever the run was like.
constexpr std::array k_details = {
    Detail{},
    Detail{.log_lines = 10, .line_characters = 300, .says = k_logs_shorter},
    Detail{.log_lines = 5, .line_characters = 200, .says = k_logs_shorter},
    Detail{.log_lines = 5, .line_characters = 200, .logs = 20, .says = k_logs_shorter},
    Detail{.log_lines = 3, .line_characters = 120, .logs = 10, .says = k_logs_shorter},
    Detail{.logs = 0, .says = k_no_logs},
    Detail{.logs = 0, .failures = 20, .message_lines = 5, .says = k_fewer_failures},
    Detail{.line_characters = 200,
           .logs = 0,
           .failures = 5,
           .message_lines = 2,
           .says = k_fewer_failures},
    Detail{.line_characters = 120,
           .logs = 0,
           .failures = 1,
           .message_lines = 1,
           .says = k_fewer_failures},
    Detail{.line_characters = 120,
           .logs = 0,
           .failures = 1,
           .message_lines = 1,
           .graph = false,
           .says = k_no_graph},
    Detail{.logs = 0,
           .failures = 0,
           .graph = false,
           .rows = 200,
           .warnings = 20,
           .says = k_fewer_rows},
    Detail{
        .logs = 0, .failures = 0, .graph = false, .rows = 50, .warnings = 5, .says = k_fewer_rows},
    Detail{
        .logs = 0, .failures = 0, .graph = false, .rows = 10, .warnings = 1, .says = k_fewer_rows},
    Detail{
        .logs = 0, .failures = 0, .graph = false, .rows = 0, .warnings = 0, .says = k_fewer_rows},
};

std::string code(std::string_view text) { return markdown_code(text, k_name_characters); }

/// One report with so much detail. Where it comes to more than `enough_bytes` nobody will want it: the rest is not written.
class Document {
 public:
  Document(const PipelineView& view, const Detail& detail, std::size_t enough_bytes)
      : view_(view), detail_(detail), enough_bytes_(enough_bytes), jobs_(report::told_jobs(view)) {}

  std::string text() {
    add_summary();
    if (detail_.graph) add_graph();
    if (detail_.rows > 0) add_table();
    add_failing_tests();
    add_logs();
    add_warnings();
    add_footer();
    return std::move(text_);
  }

 private:
  // --- the first lines ---

  void add_summary() {
    write("{} **{}**", dot(view_.status), in_words(view_.status));
    if (!view_.sha.empty()) write(" · {}", code(cut(view_.sha, k_sha_characters)));
    if (!view_.branch.empty()) write(" on {}", code(view_.branch));
    if (view_.started_at) write(" · {}", human_duration(view_.elapsed));
    add_causes();
    if (view_.before && is_final(view_.status) && *view_.before != view_.status)
      write(" · the run before {}", *view_.before == Status::passed ? "passed" : "did not pass");
    text_ += '\n';
    const auto subject = view_.commit_message.substr(0, view_.commit_message.find('\n'));
    if (const auto shown = markdown_code(subject, k_text_characters); !shown.empty())
      write("\n{}\n", shown);
  }

  void add_causes() {
    std::vector<std::string> names;
    for (const auto& told : jobs_)
      if (report::is_cause(told.job->status)) names.push_back(told.job->name);
    if (!names.empty())
      write(" · {} did not pass",
            report::named(names, [](const auto& name) { return code(name); }));
  }

  void add_graph() {
    const auto graph = report::mermaid_graph(view_);
    if (!graph.empty()) write("\n```mermaid\n{}```\n", graph);
  }

  // --- the table ---

  template <class Has>
  bool any_job(const Has& has) const {
    return std::ranges::any_of(jobs_, [&](const ToldJob& told) { return has(*told.job); });
  }

  struct Column {
    std::string_view title;
    std::string_view alignment;
    std::string (*cell)(const ToldJob& told);
  };

  std::vector<Column> columns() const {
    std::vector<Column> all = {{"", ":-", &status_cell}};
    if (view_.stages.size() > 1)
      all.push_back({"Stage", ":-", [](const ToldJob& told) { return code(told.stage->name); }});
    all.push_back({"Job", ":-", &name_cell});
    all.push_back({"Time", "-:", &time_cell});
    if (any_job([](const JobView& job) { return !job.report.empty(); }))
      all.push_back({"Report", ":-", &report_cell});
    if (any_job([](const JobView& job) { return job.tests.has_value(); }))
      all.push_back({"Tests", ":-", &tests_cell});
    if (any_job([](const JobView& job) { return job.coverage.has_value(); }))
      all.push_back({"Coverage", "-:", &coverage_cell});
    return all;
  }

  static std::string status_cell(const ToldJob& told) {
    const auto word = fmt::format("{} {}", dot(told.job->status), in_words(told.job->status));
    const bool says_more = !told.reason.empty() && told.reason != in_words(told.job->status);
    return says_more ? word + ": " + markdown_code(told.reason, k_text_characters) : word;
  }
  static std::string name_cell(const ToldJob& told) {
    return code(told.job->name) + (told.job->is_service ? " (service)" : "");
  }
  static std::string time_cell(const ToldJob& told) {
    return told.job->elapsed ? human_duration(*told.job->elapsed) : "";
  }
  static std::string report_cell(const ToldJob& told) {
    return markdown_code(told.job->report, k_text_characters);
  }
  static std::string tests_cell(const ToldJob& told) {
    return told.job->tests ? report::counts_of(*told.job->tests) : "";
  }
  static std::string coverage_cell(const ToldJob& told) {
    return told.job->coverage ? report::percent_of(*told.job->coverage) : "";
  }

  void add_table() {
    const auto shown = rows();
    if (shown.empty()) return;
    const auto cells = columns();
    text_ += '\n';
    add_row(cells, [](const Column& column) { return std::string(column.title); });
    add_row(cells, [](const Column& column) { return std::string(column.alignment); });
    for (const auto* told : shown) {
      if (is_too_long()) return;
      add_row(cells, [told](const Column& column) { return column.cell(*told); });
    }
    if (shown.size() < jobs_.size())
      write("\n… and {}\n", counted(jobs_.size() - shown.size(), "more job"));
  }

  template <class Cell>
  void add_row(const std::vector<Column>& columns, const Cell& cell) {
    text_ += '|';
    for (const auto& column : columns) write(" {} |", cell(column));
    text_ += '\n';
  }

  /// Those that did not pass come first where not all have room.
  std::vector<const ToldJob*> rows() const {
    std::vector<const ToldJob*> all;
    for (const auto& told : jobs_) all.push_back(&told);
    if (all.size() <= detail_.rows) return all;
    std::ranges::stable_partition(
        all, [](const ToldJob* told) { return report::is_cause(told->job->status); });
    all.resize(detail_.rows);
    return all;
  }

  // --- what went wrong ---

  void add_failing_tests() {
    if (detail_.failures == 0) return;
    for (const auto& told : jobs_) {
      if (is_too_long()) return;
      if (told.job->tests && told.job->tests->failed > 0)
        add_failing_tests(*told.job, *told.job->tests);
    }
  }

  void add_failing_tests(const JobView& job, const TestResults& tests) {
    open_details(fmt::format("{} of {} tests failed in {}", tests.failed, tests.total(),
                             report::html_code(job.name, k_name_characters)),
                 true);
    const auto shown = std::min(tests.failures.size(), detail_.failures);
    for (std::size_t at = 0; at < shown; ++at) add_failing_test(tests.failures[at]);
    if (shown < tests.failed) write("\n… and {} more\n", tests.failed - shown);
    close_details();
  }

  void add_failing_test(const FailedTest& test) {
    const auto name = markdown_code(report::full_name(test), k_text_characters);
    write("\n{}\n", name.empty() ? "a test without name" : name);
    const auto message =
        report::first_lines(test.message, detail_.message_lines, detail_.line_characters);
    if (!message.empty()) write("\n{}", report::markdown_fence(message, "text"));
  }

  void add_logs() {
    std::size_t shown = 0;
    for (const auto& told : jobs_) {
      if (told.job->log_tail.empty() || !report::is_cause(told.job->status)) continue;
      if (shown++ >= detail_.logs) continue;
      if (is_too_long()) return;
      add_log(told);
    }
    if (detail_.logs > 0 && shown > detail_.logs)
      write("\n… and the logs of {}\n", counted(shown - detail_.logs, "more job"));
  }

  void add_log(const ToldJob& told) {
    const auto log =
        report::last_lines(told.job->log_tail, detail_.log_lines, detail_.line_characters);
    open_details(fmt::format("The end of the log of {}",
                             report::html_code(told.job->name, k_name_characters)),
                 false);
    write("\n{}", report::markdown_fence(log, "text"));
    close_details();
  }

  /// Markdown is read again after the blank line that ends its HTML block (CommonMark 0.31, 4.6, condition 6).
  void open_details(std::string_view summary, bool open) {
    write("\n<details{}><summary>{}</summary>\n", open ? " open" : "", summary);
  }
  void close_details() { text_ += "\n</details>\n"; }

  // --- the last lines ---

  void add_warnings() {
    std::vector<std::string> lines;
    for (const auto& told : jobs_) {
      for (const auto& warning : told.job->warnings)
        lines.push_back(fmt::format("- ⚠️ {}: {}\n", code(told.job->name),
                                    markdown_code(warning, k_text_characters)));
    }
    for (const auto& warning : view_.warnings)
      lines.push_back(fmt::format("- ⚠️ {}\n", markdown_code(warning, k_text_characters)));
    const auto shown = std::min(lines.size(), detail_.warnings);
    if (shown > 0) text_ += '\n';
    for (std::size_t at = 0; at < shown; ++at) text_ += lines[at];
    if (shown < lines.size()) write("\n… and {}\n", counted(lines.size() - shown, "more warning"));
  }

  void add_footer() {
    if (!detail_.says.empty()) write("\nShortened: {}.\n", detail_.says);
    if (view_.pipe_id.empty()) return;
    write("\n<sub>Jaypore CI · {} shows what a job printed</sub>\n",
          code(fmt::format("jci logs {} JOB", view_.pipe_id)));
  }

  bool is_too_long() const { return text_.size() > enough_bytes_; }

  template <class... Values>
  void write(fmt::format_string<Values...> form, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), form, std::forward<Values>(values)...);
  }

  const PipelineView& view_;
  const Detail& detail_;
  std::size_t enough_bytes_;
  std::vector<ToldJob> jobs_;
  std::string text_;
};

class Markdown : public Reporter {
 public:
  explicit Markdown(MarkdownOptions options) : options_(options) {}

  std::string render(const PipelineView& view) override {
    std::string text;
    for (const auto& detail : k_details) {
      text = Document(view, detail, k_most_bytes_of_a_character * options_.max_characters).text();
      if (count_characters(text) <= options_.max_characters) break;
    }
    return text;
  }

 private:
  MarkdownOptions options_;
};

}  // namespace

std::unique_ptr<Reporter> make_markdown_reporter(MarkdownOptions options) {
  if (options.max_characters < MarkdownOptions::k_least_characters)
    throw BadConfig(fmt::format("a Markdown report needs at least {} characters, not {}",
                                MarkdownOptions::k_least_characters, options.max_characters));
  return std::make_unique<Markdown>(options);
}

}  // namespace jci
