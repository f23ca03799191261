// SPDX-License-Identifier: MIT
#include "jci/views/json.hpp"

#include <boost/json.hpp>

#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "jci/util/json_values.hpp"
#include "jci/util/text.hpp"
#include "jci/views/endings.hpp"
#include "jci/views/output.hpp"
#include "jci/views/plan_json.hpp"

namespace jci {
namespace {

namespace json = boost::json;

/// Of the raw text of one `job_output` event.
constexpr std::size_t k_most_output_bytes = 16 * 1024;

json::object outcome_json(const Outcome& outcome) {
  json::object described{{"kind", kind_of(outcome)}};
  if (const auto* exited = std::get_if<Exited>(&outcome)) described["code"] = exited->code;
  if (const auto* killed = std::get_if<Signaled>(&outcome)) described["signal"] = killed->signal;
  return described;
}

json::value outcome_json(const std::optional<Outcome>& outcome) {
  return outcome ? json::value(outcome_json(*outcome)) : json::value(nullptr);
}

std::string_view name_of(Stream stream) { return stream == Stream::out ? "stdout" : "stderr"; }

constexpr std::array k_final_statuses = {Status::passed, Status::failed, Status::timeout,
                                         Status::cancelled, Status::skipped};

using Fields = std::initializer_list<std::pair<json::string_view, json::value_ref>>;

class Json : public JsonView {
 public:
  Json(boost::asio::any_io_executor loop, int fd) : output_(std::move(loop), fd) {}

  void on_event(const Event& event) override {
    std::visit([this](const auto& happened) { tell(happened); }, event);
  }

  void finish(const std::string& report, int exit_code) override {
    write("report", {{"text", to_valid_utf8(report)}});
    if (finished_) {
      write("run_finished", {{"at", timestamp(finished_->at)},
                             {"status", to_string(finished_->status)},
                             {"exit_code", exit_code},
                             {"took_ms", milliseconds(finished_->took)},
                             {"jobs", job_counts()}});
    }
    output_.leave_loop();
  }

 private:
  void tell(const RunStarted& run) {
    pipeline_ = &run.pipeline;
    endings_.emplace(run.pipeline);
    write("run_started", {{"at", timestamp(run.at)},
                          {"run", run.info.pipe_id},
                          {"sha", text_or_null(run.info.sha)},
                          {"branch", text_or_null(run.info.branch)},
                          {"remote", text_or_null(run.info.remote)},
                          {"commit_message", text_or_null(run.info.commit_message)},
                          {"executor", to_valid_utf8(run.info.executor)},
                          {"repo_root", text_or_null(run.info.repo_root)},
                          {"workspace", text_or_null(run.info.workspace)},
                          {"config", text_or_null(run.info.config)},
                          {"dirty", run.info.dirty},
                          {"stages", stages_json(run.pipeline)}});
  }

  void tell(const JobWaits& waits) {
    write("job_waits", {{"at", timestamp(waits.at)},
                        {"job", waits.job.name},
                        {"stage", stage_of(waits.job)},
                        {"what", to_valid_utf8(waits.what)}});
  }

  void tell(const JobStarted& started) {
    write("job_started", {{"at", timestamp(started.at)},
                          {"job", started.job.name},
                          {"stage", stage_of(started.job)},
                          {"run_id", to_valid_utf8(started.run_id)}});
  }

  void tell(const ServiceUp& up) {
    write("service_up", {{"at", timestamp(up.at)},
                         {"job", up.job.name},
                         {"stage", stage_of(up.job)},
                         {"took_ms", milliseconds(up.took)}});
  }

  void tell(const JobOutput& output) {
    auto& stream = streams_[output.job.id][static_cast<std::size_t>(output.stream)];
    for (auto rest = output.bytes; !rest.empty();) {
      const auto piece = rest.substr(0, k_most_output_bytes);
      write_output(output.job, output.stream, stream.take(piece));
      rest.remove_prefix(piece.size());
    }
  }

  void tell(const JobFinished& ended) {
    const auto& [job, state, at] = ended;
    write_unfinished_characters(job);
    const auto why = endings_->tell(ended);
    write("job_finished", {{"at", timestamp(at)},
                           {"job", job.name},
                           {"stage", stage_of(job)},
                           {"status", to_string(state.status)},
                           {"run_id", text_or_null(state.run_id)},
                           {"took_ms", milliseconds(state.took)},
                           {"outcome", outcome_json(state.outcome)},
                           {"reason", text_or_null(why)},
                           {"report", text_or_null(state.report)},
                           {"up_after_ms", milliseconds(state.up_after)},
                           {"image_digest", text_or_null(state.image_digest)}});
  }

  void tell(const Warning& warning) {
    write("warning", {{"at", timestamp(warning.at)}, {"message", to_valid_utf8(warning.message)}});
  }

  void tell(const RunFinished& run) {
    finished_ = run;
    output_.leave_loop();
  }

  void write_output(const Job& job, Stream stream, const std::string& text) {
    if (text.empty()) return;
    write("job_output", {{"job", job.name}, {"stream", name_of(stream)}, {"text", text}});
  }

  void write_unfinished_characters(const Job& job) {
    const auto found = streams_.find(job.id);
    if (found == streams_.end()) return;
    for (const auto stream : {Stream::out, Stream::err}) {
      write_output(job, stream, found->second[static_cast<std::size_t>(stream)].finish());
    }
    streams_.erase(found);
  }

  void write(std::string_view event, Fields fields) {
    json::object line{{"v", 1}, {"event", event}};
    line.insert(fields);
    output_.append(json::serialize(line) + "\n");
  }

  const std::string& stage_of(const Job& job) const { return pipeline_->stages()[job.stage].name; }

  json::object job_counts() const {
    json::object counts;
    for (const auto status : k_final_statuses) counts[to_string(status)] = endings_->count(status);
    return counts;
  }

  Output output_;
  const Pipeline* pipeline_ = nullptr;  // this and `endings_`: from RunStarted on
  std::optional<Endings> endings_;
  std::map<JobId, std::array<Utf8Stream, 2>>
      streams_;  // of the jobs that have printed and not ended
  std::optional<RunFinished> finished_;
};

}  // namespace

std::unique_ptr<JsonView> make_json_view(boost::asio::any_io_executor loop, int fd) {
  return std::make_unique<Json>(std::move(loop), fd);
}

}  // namespace jci
