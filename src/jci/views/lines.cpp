// SPDX-License-Identifier: MIT
#include "jci/views/lines.hpp"

#include <fmt/format.h>

#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "jci/util/text.hpp"
#include "jci/views/endings.hpp"
#include "jci/views/output.hpp"

namespace jci {
namespace {

constexpr std::size_t k_run_id_columns = 8;
constexpr std::size_t k_sha_characters = 10;

std::string clock_time(WallTime at) {
  const auto seconds = std::chrono::system_clock::to_time_t(at);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

std::string what_is_built(const RunInfo& info) {
  std::string text;
  if (!info.sha.empty()) text += " of " + info.sha.substr(0, k_sha_characters);
  if (!info.branch.empty()) text += fmt::format(" ({})", sanitize_line(info.branch));
  if (info.dirty) text += " with uncommitted changes";
  return text;
}

class Lines : public Observer {
 public:
  Lines(boost::asio::any_io_executor loop, int fd) : output_(std::move(loop), fd) {}

  void on_event(const Event& event) override {
    std::visit([this](const auto& happened) { tell(happened); }, event);
  }

 private:
  void tell(const RunStarted& run) {
    endings_.emplace(run.pipeline);
    line(run.at, "run",
         fmt::format("{}: {}{}, executor {}", run.info.pipe_id,
                     counted(run.pipeline.jobs().size(), "job"), what_is_built(run.info),
                     sanitize_line(run.info.executor)));
  }

  void tell(const JobWaits& waits) {
    line(waits.at, "waiting", fmt::format("{}: {}", waits.job.name, sanitize_line(waits.what)));
  }

  void tell(const JobStarted& started) {
    line(started.at, "started",
         fmt::format("{} [{}]", started.job.name,
                     cut(sanitize_line(started.run_id), k_run_id_columns)));
  }

  void tell(const ServiceUp& up) {
    line(up.at, "up", fmt::format("{} {}", up.job.name, minutes_seconds(up.took)));
  }

  void tell(const JobOutput& /*output*/) {}

  void tell(const JobFinished& ended) {
    const auto& state = ended.state;
    const auto why = endings_->tell(ended);
    auto text = ended.job.name;
    if (state.took) text += " " + minutes_seconds(*state.took);
    const bool says_more = !why.empty() && why != in_words(state.status);
    if (says_more) text += (state.took ? " " : ": ") + why;
    line(ended.at, in_words(state.status), text);
  }

  void tell(const Warning& warning) { line(warning.at, "warning", sanitize_line(warning.message)); }

  void tell(const RunFinished& finished) {
    const auto counts = endings_ ? endings_->summary() : "";
    line(finished.at, "finished",
         fmt::format("{} in {}{}{}", in_words(finished.status), human_duration(finished.took),
                     counts.empty() ? "" : ": ", counts));
    output_.leave_loop();
  }

  void line(WallTime at, std::string_view what, std::string_view text) {
    output_.append(fmt::format("{} {:<9} {}\n", clock_time(at), what, text));
  }

  Output output_;
  std::optional<Endings> endings_;  // from RunStarted on
};

}  // namespace

std::unique_ptr<Observer> make_lines_view(boost::asio::any_io_executor loop, int fd) {
  return std::make_unique<Lines>(std::move(loop), fd);
}

}  // namespace jci
