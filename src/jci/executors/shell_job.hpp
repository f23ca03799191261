// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "jci/core/executor.hpp"
#include "jci/executors/supervisor.hpp"
#include "jci/util/async.hpp"
#include "jci/util/fd.hpp"

namespace jci {

/// The end of a pipe that we read, and the loop's interest in it.
class Pipe {
 public:
  Pipe(Fd end, const boost::asio::any_io_executor& executor)
      : end_(std::move(end)), watched_(executor) {}

  bool is_open() const { return end_ || watched_.is_open(); }
  int descriptor() { return end_ ? end_.get() : watched_.native_handle(); }
  /// Before `when_readable`.
  void watch() { watched_.assign(end_.release()); }
  template <class Handler>
  void when_readable(Handler handler) {
    watched_.async_wait(boost::asio::posix::stream_descriptor::wait_read, std::move(handler));
  }
  void close();

 private:
  Fd end_;  // until it is watched, which takes four system calls that a job that is over has no use for
  boost::asio::posix::stream_descriptor watched_;
};

/// One job of executors.Shell: its pipes, its start, its end. Shared with the handlers that wait for output, as these may be called after
/// it is over. It may have been prepared, and even have started and ended, before the engine asks for it: that is kept until then.
class ShellJob final : public JobListener, public std::enable_shared_from_this<ShellJob> {
 public:
  /// What messages tell of it.
  struct Names {
    std::string program;  ///< its first argument
    std::filesystem::path directory;
  };

  /// `buffer` is shared by all jobs: what was read is handed on before the next read.
  ShellJob(const boost::asio::any_io_executor& executor, Names names, std::span<char> buffer,
           Fd out, Fd err);

  /// The engine asks for it: all goes to `sink`.
  void run_for(const Job& job, JobSink& sink);

  void started(pid_t pid) override;
  void not_started(supervise::Step step, int error) override;
  void ended(int wait_status, Nanoseconds took, bool handed_on) override;
  void lost(std::string_view reason) override;

  /// Waits for the end; may be called once, after `run_for`.
  Awaitable<JobResult> result();
  /// It has passed, and the job prepared to follow it has started.
  bool handed_on() const { return handed_on_; }

  /// Nobody listens any more.
  void abandon();

 private:
  enum class Read { some, nothing, end };

  Pipe& pipe(Stream stream) { return stream == Stream::out ? out_ : err_; }
  void announce();
  void await_output(Stream stream);
  Read read_some(Stream stream);
  void drain(Stream stream);
  void finish(JobResult result);

  Names names_;
  std::span<char> buffer_;
  Pipe out_;
  Pipe err_;
  boost::asio::steady_timer over_;  // never expires: cancelled when there is a result
  const Job* job_ = nullptr;
  JobSink* sink_ = nullptr;  // once the engine has asked for it
  std::optional<pid_t> pid_;
  std::optional<JobResult> early_;  // its end, before that
  std::optional<JobResult> result_;
  bool handed_on_ = false;
};

}  // namespace jci
