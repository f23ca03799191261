// SPDX-License-Identifier: MIT
#include "jci/reporters/mail_html.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/core/dot.hpp"
#include "jci/core/status.hpp"
#include "jci/reporters/html_words.hpp"
#include "jci/reporters/markup.hpp"
#include "jci/reporters/words.hpp"
#include "jci/util/text.hpp"

namespace jci::report {
namespace {

constexpr std::size_t k_log_lines = 20;
constexpr std::size_t k_log_characters = 200;
constexpr std::size_t k_tests = 10;
constexpr std::size_t k_warnings = 20;
constexpr std::size_t k_row_warnings = 3;
// Below these nothing more is begun, of failures and at all. The longest log takes 24,000 bytes, the longest job 10,000.
constexpr std::size_t k_room_for_failures = 50'000;
constexpr std::size_t k_room = 85'000;

constexpr std::string_view k_dim = "color:#59636e;font-size:13px";
constexpr std::string_view k_pre =
    "margin:6px 0 0;padding:8px 10px;background:#f6f8fa;border:1px solid #d1d9e0;border-radius:4px;"
    "font:12px/1.45 Menlo,Consolas,monospace;white-space:pre-wrap;word-break:break-word";

std::string_view colour_of(Status status) {
  switch (status) {
    case Status::passed:
      return "#1a7f37";
    case Status::failed:
      return "#cf222e";
    case Status::timeout:
      return "#9a4b00";
    case Status::cancelled:
      return "#8250df";
    case Status::skipped:
      return "#6e7781";
    case Status::running:
      return "#9a6700";
    case Status::pending:
      break;
  }
  return "#0969da";
}

class Mail {
 public:
  explicit Mail(const PipelineView& view) : view_(view), jobs_(told_jobs(view)) {}

  std::string text() {
    text_ =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<body style=\"margin:0;padding:16px;"
        "background:#ffffff;color:#1f2328;font:15px/1.5 Helvetica,Arial,sans-serif\">\n"
        "<div style=\"max-width:680px;margin:0 auto\">\n";
    add_summary();
    add_warnings();
    for (const auto& told : jobs_)
      if (is_cause(told.job->status) && has_room_for_failures()) add_failure(told);
    add_jobs();
    if (!view_.pipe_id.empty())
      write("<p style=\"margin:20px 0 0;{}\">Jaypore CI · {} shows what a job printed</p>\n", k_dim,
            html_monospaced(fmt::format("jci logs {} JOB", view_.pipe_id)));
    return std::move(text_) + "</div>\n</body>\n</html>\n";
  }

 private:
  bool has_room_for_failures() const { return text_.size() < k_room_for_failures; }

  void add_summary() {
    write("<div style=\"border-left:6px solid {};padding:2px 0 2px 14px\">\n",
          colour_of(view_.status));
    write("<h1 style=\"margin:0;font-size:21px\">{} {}</h1>\n", dot(view_.status),
          html_headline(view_, jobs_));
    const auto author = view_.author_name.empty() ? "" : " by " + html_line(view_.author_name);
    write("<p style=\"margin:2px 0\">{}<span style=\"{}\">{}</span></p>\n",
          html_line(subject_of(view_)), k_dim, author);
    write("<p style=\"margin:2px 0;{}\">{}</p>\n</div>\n", k_dim, html_facts(view_));
  }

  void add_warnings() {
    std::size_t shown = 0;
    for (const auto& warning : view_.warnings)
      if (++shown <= k_warnings) add_warning(warning);
    if (shown > k_warnings)
      write("<p style=\"margin:8px 0 0\">… and {} more</p>\n", shown - k_warnings);
  }

  void add_warning(std::string_view warning) {
    write("<p style=\"margin:8px 0 0\">⚠️ {}</p>\n", html_line(warning, k_log_characters));
  }

  void add_failure(const ToldJob& told) {
    const JobView& job = *told.job;
    const auto reason = html_reason(told);
    write("<h2 style=\"margin:20px 0 0;font-size:16px\">{} {}{}</h2>\n", dot(job.status),
          html_line(job.name), reason.empty() ? "" : ": " + reason);
    std::size_t shown = 0;
    for (const auto& warning : job.warnings)
      if (++shown <= k_warnings) add_warning(warning);
    if (job.tests && job.tests->failed > 0) add_tests(*job.tests);
    if (job.log_tail.empty() || !has_room_for_failures()) return;
    write("<p style=\"margin:8px 0 0;{}\">the end of the log</p>\n", k_dim);
    add_block(last_lines(job.log_tail, k_log_lines, k_log_characters));
  }

  void add_tests(const TestResults& tests) {
    std::size_t shown = 0;
    for (const auto& test : tests.failures) {
      if (shown == k_tests || !has_room_for_failures()) break;
      ++shown;
      write("<p style=\"margin:8px 0 0\">{}</p>\n", html_monospaced(full_name(test)));
      const auto message = first_lines(test.message, 3, k_log_characters);
      if (!message.empty()) add_block(message);
    }
    if (shown < tests.failed)
      write("<p style=\"margin:8px 0 0;{}\">… and {} more failing tests</p>\n", k_dim,
            tests.failed - shown);
  }

  void add_block(std::string_view lines) {
    write("<pre style=\"{}\">{}</pre>\n", k_pre, markup_text(lines));
  }

  void add_jobs() {
    text_ +=
        "<table role=\"presentation\" width=\"100%\" cellspacing=\"0\" cellpadding=\"0\" "
        "style=\"margin:20px 0 0;border-collapse:collapse;font-size:14px\">\n";
    const StageView* stage = nullptr;
    std::size_t shown = 0;
    for (const auto& told : jobs_) {
      if (text_.size() > k_room) break;
      if (told.stage != stage) add_stage(*(stage = told.stage));
      add_job(told);
      ++shown;
    }
    text_ += "</table>\n";
    if (shown < jobs_.size())
      write("<p style=\"margin:8px 0 0;{}\">… and {}</p>\n", k_dim,
            counted(jobs_.size() - shown, "more job"));
  }

  void add_stage(const StageView& stage) {
    write("<tr><td colspan=\"2\" style=\"padding:10px 0 4px;font-weight:bold\">{} {}</td></tr>\n",
          dot(stage.status), html_line(stage.name));
  }

  void add_job(const ToldJob& told) {
    constexpr std::string_view cell =
        "padding:6px 8px;border-top:1px solid #d1d9e0;vertical-align:top";
    const JobView& job = *told.job;
    const auto reason = html_reason(told);
    write("<tr><td style=\"{}\">{} {} <span style=\"color:{}\">{}{}</span>", cell, dot(job.status),
          html_line(job.name), colour_of(job.status), in_words(job.status),
          reason.empty() ? "" : ": " + reason);
    if (const auto details = html_details(job); !details.empty())
      write("<br><span style=\"{}\">{}</span>", k_dim, fmt::join(details, " · "));
    const std::size_t warnings =
        is_cause(job.status) ? 0 : std::min(job.warnings.size(), k_row_warnings);
    for (std::size_t at = 0; at < warnings; ++at)
      write("<br><span style=\"{}\">⚠️ {}</span>", k_dim,
            html_line(job.warnings[at], k_log_characters));
    write("</td><td align=\"right\" style=\"{};{};white-space:nowrap\">{}</td></tr>\n", cell, k_dim,
          job.elapsed ? human_duration(*job.elapsed) : "");
  }

  template <class... Values>
  void write(fmt::format_string<Values...> form, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), form, std::forward<Values>(values)...);
  }

  const PipelineView& view_;
  std::vector<ToldJob> jobs_;
  std::string text_;
};

}  // namespace

std::string mail_html(const PipelineView& view) { return Mail(view).text(); }

}  // namespace jci::report
