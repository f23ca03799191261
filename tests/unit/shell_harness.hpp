// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jci/core/executor.hpp"
#include "jci/core/job.hpp"
#include "jci/executors/shell.hpp"
#include "temporary_directory.hpp"

namespace jci {

/// All that one job told, and a hand on its stop signal.
struct ShellTrace final : JobSink {
  void started(std::string_view id) override {
    run_id = id;
    if (on_started) on_started();
  }
  void ready() override { is_ready = true; }
  void output(Stream stream, std::string_view bytes) override {
    (stream == Stream::out ? out : err) += bytes;
    if (on_output) on_output();
  }

  Job job;
  StopSignal stop;
  std::function<void()> on_started;
  std::function<void()> on_output;
  std::string run_id;
  bool is_ready = false;
  std::string out;
  std::string err;
  std::optional<JobResult> result;
};

/// executors.Shell in an event loop, as the engine has it, for a Workspace of its own.
class ShellHarness {
 public:
  explicit ShellHarness(const ShellOptions& options = {}) : shell_(make_shell_executor(options)) {
    context_.info.pipe_id = "0123456789";
    context_.workspace = workspace_.path();
  }
  ~ShellHarness() { close(); }
  ShellHarness(const ShellHarness&) = delete;
  ShellHarness& operator=(const ShellHarness&) = delete;

  RunContext& context() { return context_; }
  const std::filesystem::path& workspace() const { return workspace_.path(); }
  Executor& shell() { return *shell_; }

  /// Adds a job that `run` will run.
  ShellTrace& add(Command command, const Settings& settings = {}) {
    const auto id = static_cast<JobId>(traces_.size());
    traces_.push_back(std::make_unique<ShellTrace>());
    traces_.back()->job = {.id = id,
                           .stage = 0,
                           .name = "job" + std::to_string(id),
                           .command = std::move(command),
                           .depends_on = {},
                           .settings = std::make_shared<const Settings>(settings)};
    return *traces_.back();
  }

  /// Runs all jobs added since the last call, at most `parallel` at once.
  void run(std::size_t parallel = 64) {
    if (!open_) finish(shell_->open(context_));
    open_ = true;
    busy_ = std::min(parallel, traces_.size() - next_);
    for (std::size_t i = busy_; i > 0; --i) boost::asio::co_spawn(io_, lane(), when_done());
    loop();
  }

  /// Runs one job to its end.
  ShellTrace& run(Command command, const Settings& settings = {}) {
    ShellTrace& trace = add(std::move(command), settings);
    run();
    return trace;
  }

  void close() {
    if (open_) finish(end());
    open_ = false;
  }

 private:
  Awaitable<> end() {
    co_await shell_->close();
    co_await shell_->tidy();
  }

  void finish(Awaitable<> work) {
    busy_ = 1;
    boost::asio::co_spawn(io_, std::move(work), when_done());
    loop();
  }

  void loop() {
    io_.restart();
    io_.run();
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

  // The supervisor is listened to all the time, so the loop does not end by itself.
  std::function<void(std::exception_ptr)> when_done() {
    return [this](const std::exception_ptr& error) {
      if (error) failure_ = error;
      if (--busy_ == 0) io_.stop();
    };
  }

  Awaitable<> lane() {
    while (next_ < traces_.size()) {
      ShellTrace& trace = *traces_[next_++];
      trace.result = co_await shell_->run(trace.job, trace, trace.stop);
    }
  }

  TemporaryDirectory workspace_;
  RunContext context_;
  std::unique_ptr<Executor> shell_;
  boost::asio::io_context io_{1};
  std::vector<std::unique_ptr<ShellTrace>> traces_;
  std::size_t next_ = 0;
  std::size_t busy_ = 0;
  std::exception_ptr failure_;
  bool open_ = false;
};

}  // namespace jci
