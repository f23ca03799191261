// SPDX-License-Identifier: MIT
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "jci/core/event.hpp"

namespace jci::testing {

/// A run as an observer hears of it: three jobs of one stage, a service and a later stage. Times begin at 12:03:04 UTC.
///
///     Redis (service)
///     Black     IntTest -> FuzzTest
///     Publish (stage "release")
class ToldRun {
 public:
  explicit ToldRun(Observer& observer) : observer_(observer) {
    Settings service;
    service.is_service = true;
    pipeline.add_job("Redis", {}, {service, {}, {}});
    pipeline.add_job("Black", "black --check .", {});
    pipeline.add_job("IntTest", "run int_test.sh", {});
    pipeline.add_job("FuzzTest", std::vector<std::string>{"bash", "fuzzy.sh"},
                     {{}, {"IntTest"}, {}});
    pipeline.begin_stage("release", {});
    pipeline.add_job("Publish", "twine upload", {});
    pipeline.end_stage();
    info.pipe_id = "k3j90x2v1a";
    info.sha = "edcb193bae3a9fcd2d0c9c2bd2e5b2e4b6d34f4b";
    info.branch = "main";
    info.executor = "shell";
  }

  void start() { observer_.on_event(RunStarted{pipeline, info, at}); }
  void job_waits(std::string_view name, std::string_view what) {
    observer_.on_event(JobWaits{job(name), what, at});
  }
  void job_started(std::string_view name, std::string_view run_id) {
    observer_.on_event(JobStarted{job(name), run_id, at});
  }
  void service_up(std::string_view name, Nanoseconds took) {
    up_after_ = took;
    observer_.on_event(ServiceUp{job(name), at, took});
  }
  void output(std::string_view name, Stream stream, std::string_view bytes) {
    observer_.on_event(JobOutput{job(name), stream, bytes});
  }
  void ended(std::string_view name, Outcome outcome, Nanoseconds took, std::string report = {},
             std::string image_digest = {}) {
    JobState state;
    state.status = status_of(outcome);
    if (job(name).is_service() && std::holds_alternative<Cancelled>(outcome)) {
      state.status = Status::passed;
      state.up_after = up_after_;
    }
    state.run_id = "28d4985f0e77";
    state.started_at = at;
    state.took = took;
    state.outcome = std::move(outcome);
    state.report = std::move(report);
    state.image_digest = std::move(image_digest);
    observer_.on_event(JobFinished{job(name), state, at});
  }
  void could_not_start(std::string_view name, std::string reason) {
    JobState state;
    state.status = Status::failed;
    state.outcome = CouldNotStart{std::move(reason)};
    observer_.on_event(JobFinished{job(name), state, at});
  }
  void skipped(std::string_view name) {
    JobState state;
    state.status = Status::skipped;
    observer_.on_event(JobFinished{job(name), state, at});
  }
  void warning(std::string_view message) { observer_.on_event(Warning{message, at}); }
  void finish(Status status, Nanoseconds took) {
    observer_.on_event(RunFinished{status, at, took});
  }

  const Job& job(std::string_view name) const { return *pipeline.find_job(name); }
  void pass_time(std::chrono::seconds time) { at += time; }

  Pipeline pipeline;
  RunInfo info;
  WallTime at = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + std::chrono::hours(12) +
                std::chrono::minutes(3) + std::chrono::seconds(4);

 private:
  Observer& observer_;
  std::optional<Nanoseconds> up_after_;
};

/// A descriptor whose text is kept in memory.
class WrittenText {
 public:
  WrittenText() : fd_(::memfd_create("written", 0)) {}
  ~WrittenText() { ::close(fd_); }
  WrittenText(const WrittenText&) = delete;
  WrittenText& operator=(const WrittenText&) = delete;

  int fd() const { return fd_; }
  std::string text() const {
    std::string all(static_cast<std::size_t>(::lseek(fd_, 0, SEEK_END)), '\0');
    if (::pread(fd_, all.data(), all.size(), 0) != static_cast<ssize_t>(all.size()))
      return "(unreadable)";
    return all;
  }

 private:
  int fd_;
};

}  // namespace jci::testing
