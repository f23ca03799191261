// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "jci/core/executor.hpp"
#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/convert.hpp"
#include "jci/executors/docker/images.hpp"
#include "jci/executors/docker/network.hpp"
#include "jci/util/latch.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {

/// What all jobs of a run share.
struct RunScope {
  Client& client;
  Images& images;
  Network& network;
  const RunContext& context;
  std::string inside_image;
  Surroundings surroundings;  ///< for every job; its network and the job's own label come later
  std::function<Awaitable<std::string>(const Job&)>
      read_report;  ///< `<job name>.txt`, its beginning
};

/// One job, from its image to its end. Lives until `run` has returned.
class JobRun {
 public:
  JobRun(RunScope& scope, const Job& job, JobSink& sink, StopSignal& stop,
         const boost::asio::any_io_executor& executor);

  /// As Executor::run.
  Awaitable<JobResult> run();

  /// Of its container; empty before there is one.
  const std::string& id() const { return id_; }

 private:
  using Clock = std::chrono::steady_clock;

  // --- its life ---
  Awaitable<JobResult> live();
  Awaitable<std::string> start(std::optional<OutputStream>& output, const Options& options,
                               const std::string& network);
  Awaitable<std::string> reason_of_failed_start(const Error& error);
  Awaitable<JobResult> follow(OutputStream output);

  // --- its output ---
  Awaitable<bool> pass_on(OutputStream& output);
  Awaitable<bool> resume_output();

  // --- its end ---
  Awaitable<Answer<void>> wait_for_end();
  Awaitable<JobResult> result_of_ended();
  Awaitable<bool> engine_is_back();

  // --- a service ---
  void begin_service(const Options& options, bool has_healthcheck);
  Awaitable<> tell_when_ready(Options options);

  // --- stopping ---
  void on_stop(StopLevel level);
  Awaitable<> end_container(StopLevel level);

  RunScope& scope_;
  const Job& job_;
  JobSink& sink_;
  StopSignal& stop_;
  boost::asio::any_io_executor executor_;

  Latch stopping_;
  boost::asio::cancellation_signal abandon_;  // ends `live` wherever it is
  std::string id_;
  bool terminal_ = false;  // its container has one
  bool running_ = false;
  bool engine_was_away_ = false;
  std::string not_ready_;                     // why a service was given up
  std::array<std::uint64_t, 2> passed_on_{};  // bytes of stdout, stderr
  std::string digest_;
  TaskGroup tasks_;
};

}  // namespace jci::docker
