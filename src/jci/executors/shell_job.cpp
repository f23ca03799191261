// SPDX-License-Identifier: MIT
#include "jci/executors/shell_job.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace jci {
namespace {

namespace asio = boost::asio;

// A pipe holds so much; a job that fills it gets one of the second size.
constexpr std::size_t k_default_pipe_bytes = std::size_t{64} * 1024;
constexpr int k_busy_pipe_bytes = 1024 * 1024;

std::string error_text(int error) { return std::system_category().message(error); }

std::string why_not_started(supervise::Step step, int error, const ShellJob::Names& names) {
  if (step == supervise::Step::fork)
    return fmt::format("cannot start another process: {}", error_text(error));
  if (step == supervise::Step::directory)
    return fmt::format("cannot enter its working directory `{}`: {}", names.directory.native(),
                       error_text(error));
  const std::string& name = names.program;
  const bool is_path = name.find('/') != std::string::npos;
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      if (!is_path)
        return fmt::format("command `{}` not found in its PATH: install it, or give its path",
                           name);
      return fmt::format(
          "command `{}` not found: it does not exist, or the interpreter its first line names does "
          "not",
          name);
    case EACCES:
      return fmt::format("command `{}` may not be executed: is it a program? try `chmod +x`", name);
    case ENOEXEC:
      return fmt::format(
          "command `{}` is no program: a script begins with a line such as `#!/bin/sh`", name);
    case E2BIG:
      return fmt::format("command `{}`: its arguments and environment are too long for this system",
                         name);
    default:
      return fmt::format("cannot execute `{}`: {}", name, error_text(error));
  }
}

Outcome outcome_of(int wait_status) {
  if (WIFSIGNALED(wait_status)) return Signaled{WTERMSIG(wait_status)};
  return Exited{WEXITSTATUS(wait_status)};
}

}  // namespace

void Pipe::close() {
  end_.reset();
  watched_.close();
}

ShellJob::ShellJob(const asio::any_io_executor& executor, Names names, std::span<char> buffer,
                   Fd out, Fd err)
    : names_(std::move(names)),
      buffer_(buffer),
      out_(std::move(out), executor),
      err_(std::move(err), executor),
      over_(executor, asio::steady_timer::time_point::max()) {}

void ShellJob::run_for(const Job& job, JobSink& sink) {
  job_ = &job;
  sink_ = &sink;
  if (pid_) announce();
  if (auto early = std::exchange(early_, std::nullopt)) finish(std::move(*early));
}

void ShellJob::started(pid_t pid) {
  pid_ = pid;
  if (sink_ != nullptr) announce();
}

void ShellJob::announce() {
  sink_->started(std::to_string(*pid_));
  if (job_->is_service()) sink_->ready();
  // News of its end may have come with this one.
  asio::post(over_.get_executor(), [self = shared_from_this()] {
    for (const Stream stream : {Stream::out, Stream::err}) {
      if (!self->pipe(stream).is_open()) continue;
      self->pipe(stream).watch();
      self->await_output(stream);
    }
  });
}

void ShellJob::not_started(supervise::Step step, int error) {
  finish({CouldNotStart{why_not_started(step, error, names_)}});
}

void ShellJob::ended(int wait_status, Nanoseconds took, bool handed_on) {
  handed_on_ = handed_on;
  finish({outcome_of(wait_status), took});
}

void ShellJob::lost(std::string_view reason) { finish({Lost{std::string(reason)}}); }

Awaitable<JobResult> ShellJob::result() {
  if (!result_) co_await over_.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return std::move(*result_);
}

void ShellJob::abandon() {
  out_.close();
  err_.close();
}

void ShellJob::await_output(Stream stream) {
  pipe(stream).when_readable([self = shared_from_this(), stream](const auto& error) {
    if (error || !self->pipe(stream).is_open()) return;
    if (self->read_some(stream) == Read::end)
      self->pipe(stream).close();
    else
      self->await_output(stream);
  });
}

// One buffer at a time, so that a job that never stops talking leaves room for the others.
ShellJob::Read ShellJob::read_some(Stream stream) {
  const int descriptor = pipe(stream).descriptor();
  const ssize_t n = ::read(descriptor, buffer_.data(), buffer_.size());
  if (n < 0) return errno == EAGAIN || errno == EINTR ? Read::nothing : Read::end;
  if (n == 0) return Read::end;
  const auto count = static_cast<std::size_t>(n);
  // Refused where the user's share of pipe memory is used up; then it stays slower.
  if (count == k_default_pipe_bytes) ::fcntl(descriptor, F_SETPIPE_SZ, k_busy_pipe_bytes);
  sink_->output(stream, {buffer_.data(), count});
  return Read::some;
}

// All that was written before the end lies in the pipe, and no more than it holds: who else may have it open is not waited for.
void ShellJob::drain(Stream stream) {
  if (!pipe(stream).is_open()) return;
  for (std::size_t read = 0; read <= k_busy_pipe_bytes; read += buffer_.size())
    if (read_some(stream) != Read::some) break;
  pipe(stream).close();
}

void ShellJob::finish(JobResult result) {
  if (result_ || early_) return;
  if (sink_ == nullptr) {
    early_ = std::move(result);
    return;
  }
  drain(Stream::out);
  drain(Stream::err);
  result_ = std::move(result);
  over_.cancel();
}

}  // namespace jci
