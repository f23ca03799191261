// SPDX-License-Identifier: MIT
#include "jci/reporters/json.hpp"

#include <boost/json.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "jci/reporters/words.hpp"
#include "jci/util/json_values.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& all) {
  json::array listed;
  for (const auto& text : all) listed.emplace_back(to_valid_utf8(text));
  return listed;
}

/// JSON has no NaN and no infinity.
json::value number(double value) {
  return std::isfinite(value) ? json::value(value) : json::value(nullptr);
}

json::value outcome_json(const std::optional<Outcome>& outcome) {
  if (!outcome) return nullptr;
  const auto* exited = std::get_if<Exited>(&*outcome);
  const auto* killed = std::get_if<Signaled>(&*outcome);
  return {{"kind", kind_of(*outcome)},
          {"code", exited != nullptr ? json::value(exited->code) : json::value(nullptr)},
          {"signal", killed != nullptr ? json::value(killed->signal) : json::value(nullptr)}};
}

json::value tests_json(const std::optional<TestResults>& tests) {
  if (!tests) return nullptr;
  json::array failures;
  for (const auto& test : tests->failures) {
    failures.push_back({{"suite", text_or_null(test.suite)},
                        {"name", to_valid_utf8(test.name)},
                        {"message", to_valid_utf8(test.message)}});
  }
  return {{"passed", tests->passed},
          {"failed", tests->failed},
          {"skipped", tests->skipped},
          {"took_ms", milliseconds(tests->took)},
          {"failures", std::move(failures)}};
}

json::value coverage_json(const std::optional<Coverage>& coverage) {
  if (!coverage) return nullptr;
  return {{"percent", number(coverage->percent)},
          {"before", coverage->before ? number(*coverage->before) : json::value(nullptr)}};
}

json::object job_json(const report::ToldJob& told) {
  const JobView& job = *told.job;
  return {{"job", to_valid_utf8(job.name)},
          {"status", to_string(job.status)},
          {"is_service", job.is_service},
          {"image", text_or_null(job.image)},
          {"run_id", text_or_null(job.run_id)},
          {"depends_on", texts(job.depends_on)},
          {"started_at", timestamp(job.started_at)},
          {"took_ms", milliseconds(job.elapsed)},
          {"up_after_ms", milliseconds(job.up_after)},
          {"outcome", outcome_json(job.outcome)},
          {"reason", text_or_null(told.reason)},
          {"report", text_or_null(job.report)},
          {"tests", tests_json(job.tests)},
          {"coverage", coverage_json(job.coverage)},
          {"warnings", texts(job.warnings)},
          {"log_tail", text_or_null(job.log_tail)}};
}

json::array stages_json(const PipelineView& view) {
  json::array stages;
  const auto jobs = report::told_jobs(view);
  auto told = jobs.begin();
  for (const auto& stage : view.stages) {
    json::array listed;
    for (; told != jobs.end() && told->stage == &stage; ++told) listed.push_back(job_json(*told));
    stages.push_back({{"stage", to_valid_utf8(stage.name)},
                      {"status", to_string(stage.status)},
                      {"jobs", std::move(listed)}});
  }
  return stages;
}

json::object report_json(const PipelineView& view) {
  return {
      {"v", 1},
      {"run", text_or_null(view.pipe_id)},
      {"status", to_string(view.status)},
      {"status_before", view.before ? json::value(to_string(*view.before)) : json::value(nullptr)},
      {"sha", text_or_null(view.sha)},
      {"branch", text_or_null(view.branch)},
      {"remote", text_or_null(view.remote)},
      {"commit_message", text_or_null(view.commit_message)},
      {"author_name", text_or_null(view.author_name)},
      {"author_email", text_or_null(view.author_email)},
      {"started_at", timestamp(view.started_at)},
      {"took_ms", milliseconds(view.elapsed)},
      {"warnings", texts(view.warnings)},
      {"stages", stages_json(view)}};
}

class Json : public Reporter {
 public:
  std::string render(const PipelineView& view) override {
    return json::serialize(report_json(view)) + "\n";
  }
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter() { return std::make_unique<Json>(); }

}  // namespace jci
