// SPDX-License-Identifier: MIT
#include "jci/executors/shell.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/executors/bubblewrap.hpp"
#include "jci/executors/shell_environment.hpp"
#include "jci/executors/supervisor.hpp"
#include "jci/util/beneath.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/module.hpp"
#include "jci/util/slots.hpp"

extern "C" char** environ;

namespace jci {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

constexpr std::size_t k_read_bytes = 256 * 1024;
// A pipe holds 64 KiB; a job that fills it gets one of this size.
constexpr int k_busy_pipe_bytes = 1024 * 1024;
// SIGKILL takes effect at once, but for a process that the kernel does not let go (a dead network drive).
constexpr auto k_unkillable = std::chrono::seconds(10);

Env own_environment() {
  Env env;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos)
      env.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return env;
}

std::vector<std::string> arguments_of(const Command& command) {
  if (const auto* line = std::get_if<std::string>(&command)) return {"/bin/sh", "-c", *line};
  return std::get<std::vector<std::string>>(command);
}

std::string error_text(int error) { return std::system_category().message(error); }

std::string why_not_started(supervise::Step step, int error, const ProcessSpec& spec) {
  if (step == supervise::Step::fork)
    return fmt::format("cannot start another process: {}", error_text(error));
  if (step == supervise::Step::directory)
    return fmt::format("cannot enter its working directory `{}`: {}", spec.directory.native(),
                       error_text(error));
  const std::string& name = spec.arguments.front();
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

/// Both ends of a pipe; only reading does not block.
std::optional<std::pair<Fd, Fd>> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return std::pair(Fd(ends[0]), Fd(ends[1]));
}

/// How many jobs may run at once: each takes two descriptors of ours, two more while it starts, and observers may keep a log open.
std::size_t jobs_by_descriptors() {
  constexpr std::size_t per_job = 6;
  constexpr std::size_t for_others = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 100'000;
  std::error_code error;
  const auto open = static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd", error),
                    std::filesystem::directory_iterator()));
  const std::size_t taken = open + for_others;
  return limit.rlim_cur > taken + per_job ? (limit.rlim_cur - taken) / per_job : 1;
}

/// The end of a pipe that we read, and the loop's interest in it.
class Pipe {
 public:
  Pipe(Fd end, const asio::any_io_executor& executor) : end_(std::move(end)), watched_(executor) {}

  bool is_open() const { return end_ || watched_.is_open(); }
  int descriptor() { return end_ ? end_.get() : watched_.native_handle(); }
  /// Before `when_readable`.
  void watch() { watched_.assign(end_.release()); }
  template <class Handler>
  void when_readable(Handler handler) {
    watched_.async_wait(stream_descriptor::wait_read, std::move(handler));
  }
  void close() {
    end_.reset();
    watched_.close();
  }

 private:
  Fd end_;  // until it is watched, which takes four system calls that a job that is over has no use for
  stream_descriptor watched_;
};

/// One running job: its pipes, its end. Shared with the handlers that wait for output, as these may be called after it is over.
class ShellJob final : public JobListener, public std::enable_shared_from_this<ShellJob> {
 public:
  ShellJob(const asio::any_io_executor& executor, const Job& job, const ProcessSpec& spec,
           JobSink& sink, std::span<char> buffer, Fd out, Fd err)
      : job_(&job),
        spec_(&spec),
        sink_(&sink),
        buffer_(buffer),
        out_(std::move(out), executor),
        err_(std::move(err), executor),
        over_(executor, asio::steady_timer::time_point::max()) {}

  void started(pid_t pid) override {
    sink_->started(std::to_string(pid));
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
  void not_started(supervise::Step step, int error) override {
    finish({CouldNotStart{why_not_started(step, error, *spec_)}});
  }
  void ended(int wait_status, Nanoseconds took) override {
    finish({outcome_of(wait_status), took});
  }
  void lost(std::string_view reason) override { finish({Lost{std::string(reason)}}); }

  /// Waits for the end; may be called once.
  Awaitable<JobResult> result() {
    if (!result_) co_await over_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return std::move(*result_);
  }

  /// Nobody listens any more.
  void abandon() {
    out_.close();
    err_.close();
  }

 private:
  Pipe& pipe(Stream stream) { return stream == Stream::out ? out_ : err_; }

  void await_output(Stream stream) {
    pipe(stream).when_readable([self = shared_from_this(), stream](const auto& error) {
      if (error || !self->pipe(stream).is_open()) return;
      if (self->read_some(stream) == Read::end)
        self->pipe(stream).close();
      else
        self->await_output(stream);
    });
  }

  enum class Read { some, nothing, end };

  // One buffer at a time, so that a job that never stops talking leaves room for the others.
  Read read_some(Stream stream) {
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
  void drain(Stream stream) {
    if (!pipe(stream).is_open()) return;
    for (std::size_t read = 0; read <= k_busy_pipe_bytes; read += buffer_.size())
      if (read_some(stream) != Read::some) break;
    pipe(stream).close();
  }

  void finish(JobResult result) {
    if (result_) return;
    drain(Stream::out);
    drain(Stream::err);
    result_ = std::move(result);
    over_.cancel();
  }

  static constexpr std::size_t k_default_pipe_bytes = 64 * 1024;

  const Job* job_;
  const ProcessSpec* spec_;
  JobSink* sink_;
  std::span<char> buffer_;
  Pipe out_;
  Pipe err_;
  asio::steady_timer over_;  // never expires: cancelled when there is a result
  std::optional<JobResult> result_;
};

/// Stops one job as its StopSignal says: asks it, kills it after the grace, and gives it up where even that does not end it.
class Stopper {
 public:
  Stopper(const asio::any_io_executor& executor, StopSignal& stop, Supervisor& supervisor,
          std::uint32_t id, ShellJob& job, Milliseconds grace)
      : timer_(executor),
        stop_(&stop),
        supervisor_(&supervisor),
        id_(id),
        job_(&job),
        grace_(grace) {
    stop.listen([this](StopLevel level) { heard(level); });
  }
  ~Stopper() { stop_->listen({}); }
  Stopper(const Stopper&) = delete;
  Stopper& operator=(const Stopper&) = delete;

 private:
  void heard(StopLevel level) {
    if (level == StopLevel::kill) return kill();
    supervisor_->stop(id_);
    after(grace_, [this] { kill(); });
  }

  void kill() {
    supervisor_->kill(id_);
    after(k_unkillable, [this] { job_->lost("cannot be killed: the kernel does not let it end"); });
  }

  void after(Milliseconds wait, std::function<void()> action) {
    timer_.expires_after(wait);
    timer_.async_wait(
        [action = std::move(action), alive = std::weak_ptr(alive_)](const auto& error) {
          if (!error && !alive.expired()) action();
        });
  }

  std::shared_ptr<Stopper*> alive_ = std::make_shared<Stopper*>(this);
  asio::steady_timer timer_;
  StopSignal* stop_;
  Supervisor* supervisor_;
  std::uint32_t id_;
  ShellJob* job_;
  Milliseconds grace_;
};

class Shell final : public Executor {
 public:
  explicit Shell(ShellOptions options) : options_(std::move(options)) {
    if (options_.supervisor.empty()) options_.supervisor = package_directory() / "jci-supervise";
  }

  std::string_view name() const override { return "shell"; }

  std::size_t default_parallel() const override {
    // More than there are cores, as jobs wait for disk and network too.
    return std::max<std::size_t>(8, std::size_t{2} * std::thread::hardware_concurrency());
  }

  void check(const Job& job) const override {
    if (std::holds_alternative<std::monostate>(job.command))
      throw BadConfig(
          fmt::format("service `{}` needs a command: executors.Shell has no images", job.name));
  }

  Awaitable<> open(const RunContext& context) override {
    context_ = context;
    inherited_ = own_environment();
    buffer_ = std::make_unique<char[]>(k_read_bytes);
    slots_.emplace(jobs_by_descriptors());
    supervisor_ = co_await start_supervisor();
  }

  Awaitable<JobResult> run(const Job& job, JobSink& sink, StopSignal& stop) override {
    const auto slot = co_await slots_->take();
    if (stop.level() != StopLevel::none) co_return JobResult{Cancelled{}};
    JobResult result = co_await run_now(job, sink, stop);
    if (stop.level() != StopLevel::none && !std::holds_alternative<Lost>(result.outcome))
      result.outcome = Cancelled{};
    result.report =
        read_beneath(context_.workspace, job.name + ".txt", k_report_bytes).value_or("");
    co_return result;
  }

  Awaitable<> close() override {
    if (supervisor_) co_await supervisor_->close();
    supervisor_.reset();
    buffer_.reset();
  }

 private:
  Awaitable<std::shared_ptr<Supervisor>> start_supervisor() {
    // Named, as GCC 12 destroys temporaries of a co_await expression twice.
    Supervisor::Options plain{.program = options_.supervisor, .pipe_id = context_.info.pipe_id};
    if (options_.bubblewrap) {
      Supervisor::Options wrapped = plain;
      wrapped.prefix = bubblewrap_command(context_.workspace);
      try {
        co_return co_await Supervisor::start(wrapped);
      } catch (const std::runtime_error&) {
        // Not installed, or not allowed, as inside of containers: jobs run without /jaypore_ci/run.
      }
    }
    try {
      co_return co_await Supervisor::start(plain);
    } catch (const std::runtime_error& error) {
      throw TriggerFailed(fmt::format("executors.Shell cannot run jobs: {}", error.what()));
    }
  }

  Awaitable<JobResult> run_now(const Job& job, JobSink& sink, StopSignal& stop) {
    auto out = make_pipe();
    auto err = make_pipe();
    if (!out || !err)
      co_return JobResult{
          CouldNotStart{fmt::format("cannot make a pipe for its output: {}", error_text(errno))}};
    const ProcessSpec spec{arguments_of(job.command), shell_environment(inherited_, context_, job),
                           context_.workspace};
    const auto executor = co_await asio::this_coro::executor;
    const auto supervisor = supervisor_;
    const auto process = std::make_shared<ShellJob>(executor, job, spec, sink,
                                                    std::span(buffer_.get(), k_read_bytes),
                                                    std::move(out->first), std::move(err->first));
    const std::uint32_t id = next_id_++;
    const Listening listening{*supervisor, id, *process};
    supervisor->spawn(id, *process, spec, std::move(out->second), std::move(err->second));
    const Stopper stopper(executor, stop, *supervisor, id, *process, context_.grace);
    co_return co_await process->result();
  }

  /// Ends what would call into a coroutine that is gone.
  struct Listening {
    Supervisor& supervisor;
    std::uint32_t id;
    ShellJob& process;
    ~Listening() {
      supervisor.forget(id);
      process.abandon();
    }
  };

  ShellOptions options_;
  RunContext context_;
  Env inherited_;
  std::unique_ptr<char[]> buffer_;  // shared: each read is handed on before the next
  std::optional<Slots> slots_;      // bounds the jobs by the descriptors we may have
  std::shared_ptr<Supervisor> supervisor_;
  std::uint32_t next_id_ = 0;
};

}  // namespace

std::unique_ptr<Executor> make_shell_executor(ShellOptions options) {
  return std::make_unique<Shell>(std::move(options));
}

}  // namespace jci
