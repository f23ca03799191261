// SPDX-License-Identifier: MIT
#include "jci/reporters/junit.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/reporters/markup.hpp"
#include "jci/reporters/words.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

using report::ToldJob;

enum class Kind { success, failure, error, skipped };

Kind kind_of_job(const JobView& job) {
  if (job.status == Status::passed) return Kind::success;
  if (!report::is_cause(job.status)) return Kind::skipped;
  const bool ended_by_itself = !job.outcome || std::holds_alternative<Exited>(*job.outcome) ||
                               std::holds_alternative<Signaled>(*job.outcome) ||
                               std::holds_alternative<TimedOut>(*job.outcome);
  return ended_by_itself && job.status != Status::cancelled ? Kind::failure : Kind::error;
}

double seconds(Nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

/// For an attribute, where a line break would be read as a space.
std::string attribute(std::string_view text) { return report::markup_text(sanitize_line(text)); }

std::string why(const ToldJob& told) {
  return told.reason.empty() ? std::string(in_words(told.job->status)) : told.reason;
}

/// What the job's own tests say, for the text of its failure.
std::string failing_tests(const JobView& job) {
  if (!job.tests || job.tests->failed == 0) return {};
  auto text = fmt::format("{} of {} tests failed\n", job.tests->failed, job.tests->total());
  for (const auto& test : job.tests->failures)
    fmt::format_to(std::back_inserter(text), "\n{}\n{}\n", report::full_name(test),
                   sanitize(test.message));
  return text;
}

std::size_t count(std::span<const ToldJob> jobs, Kind kind) {
  return static_cast<std::size_t>(std::ranges::count_if(
      jobs, [kind](const ToldJob& told) { return kind_of_job(*told.job) == kind; }));
}

Nanoseconds total_time(std::span<const ToldJob> jobs) {
  Nanoseconds total{0};
  for (const auto& told : jobs) total += told.job->elapsed.value_or(Nanoseconds{0});
  return total;
}

class Document {
 public:
  std::string text(const PipelineView& view) {
    const auto jobs = report::told_jobs(view);
    text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    write("<testsuites name=\"Jaypore CI\" {} time=\"{:.3f}\">\n", counts(jobs),
          seconds(view.elapsed));
    for (std::span<const ToldJob> rest = jobs; const auto& stage : view.stages) {
      add_suite(view, stage, rest.first(stage.jobs.size()));
      rest = rest.subspan(stage.jobs.size());
    }
    text_ += "</testsuites>\n";
    return std::move(text_);
  }

 private:
  static std::string counts(std::span<const ToldJob> jobs) {
    return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}")", jobs.size(),
                       count(jobs, Kind::failure), count(jobs, Kind::error),
                       count(jobs, Kind::skipped));
  }

  void add_suite(const PipelineView& view, const StageView& stage, std::span<const ToldJob> jobs) {
    write("  <testsuite name=\"{}\" {} time=\"{:.3f}\"{}>\n", attribute(stage.name), counts(jobs),
          seconds(total_time(jobs)), timestamp(view));
    text_ += "    <properties>\n";
    add_property("run", view.pipe_id);
    add_property("sha", view.sha);
    add_property("branch", view.branch);
    text_ += "    </properties>\n";
    for (const auto& told : jobs) add_case(stage, told);
    text_ += "  </testsuite>\n";
  }

  /// ISO 8601 in UTC, without a zone.
  static std::string timestamp(const PipelineView& view) {
    if (!view.started_at) return {};
    return fmt::format(" timestamp=\"{:%Y-%m-%dT%H:%M:%S}\"",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(*view.started_at)));
  }

  void add_property(std::string_view name, std::string_view value) {
    if (!value.empty())
      write("      <property name=\"{}\" value=\"{}\"/>\n", name, attribute(value));
  }

  void add_case(const StageView& stage, const ToldJob& told) {
    const JobView& job = *told.job;
    write("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", attribute(stage.name),
          attribute(job.name), seconds(job.elapsed.value_or(Nanoseconds{0})));
    const auto kind = kind_of_job(job);
    if (kind == Kind::success && job.log_tail.empty()) {
      text_ += "/>\n";
      return;
    }
    text_ += ">\n";
    add_result(kind, told);
    if (!job.log_tail.empty())
      write("      <system-out>{}</system-out>\n", report::markup_text(job.log_tail));
    text_ += "    </testcase>\n";
  }

  void add_result(Kind kind, const ToldJob& told) {
    const auto message = attribute(why(told));
    if (kind == Kind::success) return;
    if (kind == Kind::skipped) {
      write("      <skipped message=\"{}\"/>\n", message);
      return;
    }
    const auto* const element = kind == Kind::failure ? "failure" : "error";
    write("      <{0} message=\"{1}\" type=\"{2}\">{3}</{0}>\n", element, message,
          in_words(told.job->status), report::markup_text(failing_tests(*told.job)));
  }

  template <class... Values>
  void write(fmt::format_string<Values...> form, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), form, std::forward<Values>(values)...);
  }

  std::string text_;
};

class JUnit : public Reporter {
 public:
  std::string render(const PipelineView& view) override { return Document().text(view); }
};

}  // namespace

std::unique_ptr<Reporter> make_junit_reporter() { return std::make_unique<JUnit>(); }

}  // namespace jci
