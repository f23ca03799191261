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
#include <functional>
#include <iterator>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/executors/bubblewrap.hpp"
#include "jci/executors/shell_environment.hpp"
#include "jci/executors/shell_job.hpp"
#include "jci/executors/supervisor.hpp"
#include "jci/util/beneath.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/module.hpp"
#include "jci/util/slots.hpp"

extern "C" char** environ;

namespace jci {
namespace {

namespace asio = boost::asio;

constexpr std::size_t k_read_bytes = 256 * 1024;
// Jobs at most that are made before their turn, of those that follow one that runs.
constexpr int k_prepared = 2;
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

std::string report_name(const Job& job) { return job.name + ".txt"; }

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

ShellOptions with_program(ShellOptions options) {
  if (options.supervisor.empty()) options.supervisor = package_directory() / "jci-supervise";
  return options;
}

Supervisor::Options plain(const ShellOptions& options) { return {.program = options.supervisor}; }

Supervisor::Options wrapped(const ShellOptions& options, const std::filesystem::path& workspace) {
  return {.program = options.supervisor, .prefix = bubblewrap_command(workspace)};
}

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
  explicit Shell(const ShellOptions& options)
      : is_usual_(options.bubblewrap && options.supervisor.empty()),
        options_(with_program(options)) {}

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
    environment_.emplace(own_environment(), context_);
    buffer_ = std::make_unique<char[]>(k_read_bytes);
    slots_.emplace(jobs_by_descriptors());
    supervisor_ = co_await start_supervisor();
  }

  Awaitable<JobResult> run(const Job& job, JobSink& sink, StopSignal& stop) override {
    const auto executor = co_await asio::this_coro::executor;
    std::optional<Process> process = take_prepared(job);
    const bool was_prepared = process.has_value();
    if (!was_prepared) {
      auto slot = co_await slots_->take();
      if (stop.level() != StopLevel::none) co_return JobResult{Cancelled{}};
      make(process, executor, job, std::move(slot));
    }
    if (!process) co_return JobResult{CouldNotStart{cannot_make_pipes()}};
    ShellJob& life = *process->job;
    life.run_for(job, sink);
    if (!was_prepared)
      supervisor_->spawn(process->id, life, process->spec, std::move(process->output));
    else if (!process->has_started)
      supervisor_->go(process->id);
    process->spec = {};

    Followers followers(*this, *process);
    prepare_followers(executor, job, *process);
    JobResult result = co_await run_to_end(job, *process, stop);
    if (result.outcome == Outcome(Exited{0})) followers.keep();  // the engine asks for the next now
    co_return result;
  }

  Awaitable<> close() override {
    prepared_.clear();
    if (supervisor_) supervisor_->close();
    buffer_.reset();
    co_return;
  }

  Awaitable<std::vector<std::string>> tidy() override {
    if (supervisor_) co_await supervisor_->ended();
    supervisor_.reset();
    co_return std::vector<std::string>();
  }

 private:
  Awaitable<std::shared_ptr<Supervisor>> start_supervisor() {
    std::vector<std::function<StartedSupervisor()>> ways;
    const std::shared_ptr<StartedSupervisor> ahead = std::exchange(context_.supervisor, nullptr);
    if (ahead && is_usual_) ways.emplace_back([&] { return std::move(*ahead); });
    if (options_.bubblewrap)
      ways.emplace_back(
          [&] { return Supervisor::launch(wrapped(options_, context_.workspace), ::getpid()); });
    ways.emplace_back([&] { return Supervisor::launch(plain(options_), ::getpid()); });
    std::string why;
    for (const auto& way : ways) {
      try {
        // Named, as GCC 12 destroys temporaries of a co_await expression twice.
        StartedSupervisor started = way();
        std::string pipe_id = context_.info.pipe_id;
        co_return co_await Supervisor::connect(std::move(started), std::move(pipe_id));
      } catch (const std::runtime_error& error) {
        // bubblewrap is not installed, or not allowed, as inside of containers: jobs run without /jaypore_ci/run.
        why = error.what();
      }
    }
    throw TriggerFailed(fmt::format("executors.Shell cannot run jobs: {}", why));
  }

  /// A job's process, as far as it is known here.
  struct Process {
    Process(std::shared_ptr<Supervisor> its_supervisor, std::uint32_t its_id, Slots::Slot its_slot)
        : supervisor(std::move(its_supervisor)), id(its_id), slot(std::move(its_slot)) {}
    Process(Process&&) = default;
    Process& operator=(Process&&) = delete;
    /// Ends what would call into somebody who is gone.
    ~Process() {
      if (!job) return;
      supervisor->forget(id);
      job->abandon();
    }

    std::shared_ptr<Supervisor> supervisor;
    std::uint32_t id;
    Slots::Slot slot;
    ProcessSpec spec = {};
    Supervisor::Output output = {};
    std::shared_ptr<ShellJob> job = {};
    const Job* next = nullptr;  // prepared to follow it
    bool has_started = false;   // though it was only prepared
  };

  /// Drops what has been prepared to follow a job, unless that has passed.
  class Followers {
   public:
    Followers(Shell& shell, const Process& process) : shell_(&shell), process_(&process) {}
    Followers(const Followers&) = delete;
    Followers& operator=(const Followers&) = delete;
    ~Followers() {
      if (!kept_) shell_->drop(process_->next);
    }
    void keep() { kept_ = true; }

   private:
    Shell* shell_;
    const Process* process_;
    bool kept_ = false;
  };

  /// Leaves `process` empty where its pipes cannot be made (errno).
  void make(std::optional<Process>& process, const asio::any_io_executor& executor, const Job& job,
            Slots::Slot slot) {
    auto out = make_pipe();
    auto err = make_pipe();
    if (!out || !err) return;
    process.emplace(supervisor_, next_id_++, std::move(slot));
    process->spec = {.arguments = arguments_of(job.command),
                     .variables = environment_->of(job),
                     .directory = context_.workspace,
                     .is_awaited = job.is_service()};
    process->output = {std::move(out->second), std::move(err->second)};
    process->job = std::make_shared<ShellJob>(
        executor, ShellJob::Names{process->spec.arguments.front(), context_.workspace},
        std::span(buffer_.get(), k_read_bytes), std::move(out->first), std::move(err->first));
  }

  static std::string cannot_make_pipes() {
    return fmt::format("cannot make a pipe for its output: {}",
                       std::system_category().message(errno));
  }

  std::optional<Process> take_prepared(const Job& job) {
    auto found = prepared_.extract(job.id);
    if (!found) return std::nullopt;
    return std::move(found.mapped());
  }

  /// Has jobs that the engine has promised to ask for start the moment the one before has passed. More than one, so that a processor that
  /// has time for short jobs, but not yet for us, goes on with them.
  void prepare_followers(const asio::any_io_executor& executor, const Job& job, Process& process) {
    const Job* before = &job;
    Process* last = &process;
    for (int prepared = 0; prepared < k_prepared; ++prepared) {
      if (last->next == nullptr) last->next = prepare_next(executor, *before, *last);
      if (last->next == nullptr) return;
      before = last->next;
      last = &prepared_.at(before->id);
    }
  }

  /// Null where nothing is promised, or can be prepared.
  const Job* prepare_next(const asio::any_io_executor& executor, const Job& job,
                          const Process& process) {
    if (!context_.promise_next) return nullptr;
    auto slot = slots_->try_take();
    const Job* next = slot ? context_.promise_next(job) : nullptr;
    if (next == nullptr) return nullptr;
    std::optional<Process> made;
    make(made, executor, *next, std::move(*slot));
    if (!made) return nullptr;
    const Following following{process.id, context_.workspace / report_name(job)};
    supervisor_->prepare(made->id, *made->job, made->spec, std::move(made->output), following);
    made->spec = {};
    prepared_.emplace(next->id, std::move(*made));
    return next;
  }

  /// `job` may be null.
  void drop(const Job* job) {
    while (job != nullptr) {
      const auto process = take_prepared(*job);
      if (!process) return;
      supervisor_->kill(process->id);
      job = process->next;
    }
  }

  Awaitable<JobResult> run_to_end(const Job& job, Process& process, StopSignal& stop) {
    ShellJob& life = *process.job;
    const auto executor = co_await asio::this_coro::executor;
    const Stopper stopper(executor, stop, *supervisor_, process.id, life, context_.grace);
    JobResult result = co_await life.result();
    if (life.handed_on()) {
      prepared_.at(process.next->id).has_started = true;
      co_return result;  // it left no report, and had ended before anybody could stop it
    }
    if (stop.level() != StopLevel::none && !std::holds_alternative<Lost>(result.outcome))
      result.outcome = Cancelled{};
    result.report = read_beneath(context_.workspace, report_name(job), k_report_bytes).value_or("");
    co_return result;
  }

  bool is_usual_;  // as `start_shell_ahead` has it
  ShellOptions options_;
  RunContext context_;
  std::optional<ShellEnvironment> environment_;
  std::unique_ptr<char[]> buffer_;  // shared: each read is handed on before the next
  std::optional<Slots> slots_;      // bounds the jobs by the descriptors we may have
  std::shared_ptr<Supervisor> supervisor_;
  std::unordered_map<JobId, Process> prepared_;
  std::uint32_t next_id_ = 0;
};

}  // namespace

std::unique_ptr<Executor> make_shell_executor(const ShellOptions& options) {
  return std::make_unique<Shell>(options);
}

std::optional<StartedSupervisor> start_shell_ahead(const std::filesystem::path& workspace,
                                                   pid_t engine) {
  const ShellOptions usual = with_program({});
  for (const auto& options : {wrapped(usual, workspace), plain(usual)}) {
    try {
      return Supervisor::launch(options, engine);
    } catch (const std::runtime_error&) {
      // The run itself says why.
    }
  }
  return std::nullopt;
}

}  // namespace jci
