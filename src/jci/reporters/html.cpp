// SPDX-License-Identifier: MIT
#include "jci/reporters/html.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/core/dot.hpp"
#include "jci/reporters/html_words.hpp"
#include "jci/reporters/markup.hpp"
#include "jci/reporters/timeline.hpp"
#include "jci/reporters/words.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

using report::html_line;
using report::html_monospaced;
using report::k_line_characters;
using report::markup_text;
using report::subject_of;
using report::ToldJob;

constexpr std::size_t k_sha_characters = 10;
constexpr std::size_t k_log_lines = 200;

constexpr std::string_view k_style = R"(
:root { color-scheme: light dark; --back: #fff; --card: #f6f8fa; --text: #1f2328; --dim: #59636e; --line: #d1d9e0;
  --passed: #1a7f37; --failed: #cf222e; --timeout: #9a4b00; --cancelled: #8250df; --skipped: #6e7781; --running: #9a6700; --pending: #0969da; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0d1117; --card: #151b23; --text: #e6edf3; --dim: #9198a1; --line: #3d444d;
    --passed: #3fb950; --failed: #f85149; --timeout: #db6d28; --cancelled: #ab7df8; --skipped: #9198a1; --running: #d29922; --pending: #4493f8; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.2rem 1rem 3rem; max-width: 60rem; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
code, pre { font: .85em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; margin: 1.8rem 0 .5rem; }
p { margin: .3rem 0; } .dim { color: var(--dim); }
header { border-left: .4rem solid currentColor; padding-left: .9rem; } header p, header code { color: var(--text); } header .dim, header .dim code { color: var(--dim); }
.jobs { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
.jobs > li { padding: .55rem .8rem; border-top: 1px solid var(--line); } .jobs > li:first-child { border-top: 0; }
.row { display: flex; flex-wrap: wrap; gap: .1rem .9rem; align-items: baseline; } .row b { flex: 1 1 auto; } .row .time { margin-left: auto; font-variant-numeric: tabular-nums; }
.more { display: flex; flex-wrap: wrap; gap: .1rem 1rem; font-size: .9rem; color: var(--dim); }
details { margin: .4rem 0 0; } summary { cursor: pointer; font-size: .9rem; }
pre { margin: .4rem 0 0; padding: .7rem; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; overflow-x: auto; white-space: pre; overflow-wrap: normal; max-height: 30rem; }
.test { margin-top: .6rem; } footer { margin-top: 1.5rem; font-size: .9rem; } .warnings { padding-left: 1.2rem; }
.timeline { display: block; overflow: visible; } .timeline text { font-size: 13px; fill: var(--text); } .timeline .end { text-anchor: end; fill: var(--dim); }
.timeline .start, .timeline .middle { fill: var(--dim); } .timeline .middle { text-anchor: middle; } .timeline line { stroke: var(--line); } .timeline line ~ text { paint-order: stroke; stroke: var(--back); stroke-width: 3px; }
.passed { color: var(--passed); fill: var(--passed); } .failed { color: var(--failed); fill: var(--failed); } .timeout { color: var(--timeout); fill: var(--timeout); }
.cancelled { color: var(--cancelled); fill: var(--cancelled); } .skipped { color: var(--skipped); fill: var(--skipped); }
.running { color: var(--running); fill: var(--running); } .pending { color: var(--pending); fill: var(--pending); }
)";

class Document {
 public:
  explicit Document(const PipelineView& view) : view_(view), jobs_(report::told_jobs(view)) {}

  std::string text() {
    add_head();
    add_summary();
    add_warnings();
    if (const auto timeline = report::timeline_svg(view_); !timeline.empty())
      write("<h2>Timeline</h2>\n{}", timeline);
    for (std::span<const ToldJob> rest = jobs_; const auto& stage : view_.stages) {
      add_stage(stage, rest.first(stage.jobs.size()));
      rest = rest.subspan(stage.jobs.size());
    }
    add_footer();
    return std::move(text_);
  }

 private:
  void add_head() {
    write(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n"
        "<title>{} {}: {}</title>\n<style>{}</style>\n</head>\n<body>\n",
        dot(view_.status), html_line(cut(view_.sha, k_sha_characters)), in_words(view_.status),
        k_style);
  }

  void add_summary() {
    write("<header class=\"{}\">\n<h1>{} {}</h1>\n<p>{}{}</p>\n", report::class_of(view_.status),
          dot(view_.status), report::html_headline(view_, jobs_), html_line(subject_of(view_)),
          author());
    write("<p class=\"dim\">{}</p>\n</header>\n", report::html_facts(view_));
  }

  std::string author() const {
    if (view_.author_name.empty()) return {};
    return fmt::format("{}<span class=\"dim\">by {}</span>", subject_of(view_).empty() ? "" : " ",
                       html_line(view_.author_name));
  }

  void add_warnings() {
    if (view_.warnings.empty()) return;
    text_ += "<ul class=\"warnings\">\n";
    for (const auto& warning : view_.warnings)
      write("<li>⚠️ {}</li>\n", html_line(warning, k_line_characters));
    text_ += "</ul>\n";
  }

  void add_stage(const StageView& stage, std::span<const ToldJob> jobs) {
    write("<h2>{} {}</h2>\n", dot(stage.status), html_line(stage.name));
    if (jobs.empty()) {
      text_ += "<p class=\"dim\">no jobs</p>\n";
      return;
    }
    text_ += "<ul class=\"jobs\">\n";
    for (const auto& told : jobs) add_job(told);
    text_ += "</ul>\n";
  }

  void add_job(const ToldJob& told) {
    const JobView& job = *told.job;
    const auto reason = report::html_reason(told);
    write(
        "<li><div class=\"row\"><b>{} {}</b> <span class=\"{}\">{}{}</span> <span "
        "class=\"time dim\">{}</span></div>\n",
        dot(job.status), html_line(job.name), report::class_of(job.status), in_words(job.status),
        reason.empty() ? "" : ": " + reason, job.elapsed ? human_duration(*job.elapsed) : "");
    add_more(job);
    for (const auto& warning : job.warnings)
      write("<p>⚠️ {}</p>\n", html_line(warning, k_line_characters));
    if (job.tests && job.tests->failed > 0) add_tests(*job.tests);
    if (!job.log_tail.empty()) add_log(job);
    text_ += "</li>\n";
  }

  void add_more(const JobView& job) {
    const auto facts = report::html_details(job);
    if (facts.empty()) return;
    write("<div class=\"more\"><span>{}</span></div>\n", fmt::join(facts, "</span> <span>"));
  }

  void add_tests(const TestResults& tests) {
    write("<details open><summary>{} of {} tests failed</summary>\n", tests.failed, tests.total());
    for (const auto& test : tests.failures) {
      const auto message = report::first_lines(test.message, k_log_lines, k_line_characters);
      write("<div class=\"test\">{}{}</div>\n", html_monospaced(report::full_name(test)),
            message.empty() ? "" : "<pre>" + markup_text(message) + "</pre>");
    }
    if (tests.failures.size() < tests.failed)
      write("<p class=\"dim\">… and {} more</p>\n", tests.failed - tests.failures.size());
    text_ += "</details>\n";
  }

  void add_log(const JobView& job) {
    write("<details><summary>the end of the log</summary><pre>{}</pre></details>\n",
          markup_text(report::last_lines(job.log_tail, k_log_lines, k_line_characters)));
  }

  void add_footer() {
    if (!view_.pipe_id.empty())
      write("<footer class=\"dim\">Jaypore CI · {} shows what a job printed</footer>\n",
            html_monospaced(fmt::format("jci logs {} JOB", view_.pipe_id)));
    text_ += "</body>\n</html>\n";
  }

  template <class... Values>
  void write(fmt::format_string<Values...> form, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), form, std::forward<Values>(values)...);
  }

  const PipelineView& view_;
  std::vector<ToldJob> jobs_;
  std::string text_;
};

class Html : public Reporter {
 public:
  std::string render(const PipelineView& view) override { return Document(view).text(); }
};

}  // namespace

std::unique_ptr<Reporter> make_html_reporter() { return std::make_unique<Html>(); }

}  // namespace jci
