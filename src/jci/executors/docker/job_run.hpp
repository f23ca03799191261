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
#include "jci/executors/docker/deaths.hpp"
#include "jci/executors/docker/images.hpp"
#include "jci/executors/docker/job_container.hpp"
#include "jci/executors/docker/network.hpp"
#include "jci/executors/docker/options.hpp"
#include "jci/executors/docker/readiness.hpp"
#include "jci/executors/docker/run_scope.hpp"
#include "jci/util/latch.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {

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

  /// How an attempt to start its container went.
  enum class Start {
    runs,
    failed,  ///< `problem_` says why
    lost,    ///< the engine went away, and did not come back
    again,   ///< nothing has run yet, and the reason is gone
  };

  // --- its life ---
  Awaitable<JobResult> live();
  Awaitable<const Images::Wanted*> find_image(const Options& options);
  Awaitable<bool> have_files();
  Awaitable<Start> start(const Options& options, Network::Place& place);
  Awaitable<Answer<void>> get_container(const Options& options, const std::string& network);
  Awaitable<> inspect_if_needed(JobContainer& container);
  Awaitable<Start> explain_failed_start(const Error& error, Network::Place& place);
  Awaitable<Start> start_after_absence();
  Awaitable<bool> is_away(const Error& error);
  void make_next_ahead(const Network::Place& place);
  Awaitable<JobResult> follow();

  // --- its output ---
  Awaitable<bool> pass_on();
  Awaitable<bool> repeat_output(bool follow);

  // --- its end ---
  Awaitable<Answer<void>> wait_for_end();
  Awaitable<bool> ends_soon();
  Awaitable<std::optional<JobResult>> result_of_passed();
  Awaitable<Answer<JobResult>> result_of_ended();
  Awaitable<bool> lacks_shell();
  Awaitable<Answer<bool>> runs();
  Awaitable<bool> engine_is_back();
  Awaitable<bool> engine_may_have_ended_it(
      std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> finished);

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
  bool made_ahead_ = false;  // its container, before its turn
  bool terminal_ = false;    // it has one
  bool has_init_ = false;    // its first process is the engine's, which starts its command
  bool running_ = false;
  bool has_ended_ = false;
  std::string container_image_id_;  // as JobContainer's
  bool is_plain_ = false;           // as JobContainer's
  std::optional<Death> death_;      // of its container, where the engine told of it
  bool ended_while_away_ = false;   // the engine, perhaps
  std::string started_before_;      // the one that was started last before its output broke off
  bool needs_own_network_ = false;
  std::optional<Clock::time_point> asked_to_stop_;
  std::string problem_;    // why it could not be started
  std::string not_ready_;  // why a service was given up
  std::optional<OutputStream> output_;
  std::chrono::system_clock::time_point output_ended_;
  Clock::time_point output_end_seen_;
  std::size_t breaks_ = 0;  // of the way to the engine, before what was read of its output
  std::array<std::uint64_t, 2> passed_on_{};  // bytes of stdout, stderr
  std::string digest_;                        // of its image
  std::string image_id_;                      // as far as the engine told before
  bool uses_engine_ = false;
  TaskGroup tasks_;
};

}  // namespace jci::docker
