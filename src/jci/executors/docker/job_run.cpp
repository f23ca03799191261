// SPDX-License-Identifier: MIT
#include "jci/executors/docker/job_run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "jci/executors/docker/answers.hpp"
#include "jci/executors/docker/explain.hpp"
#include "jci/executors/docker/readiness.hpp"
#include "jci/executors/docker/sweep.hpp"
#include "jci/executors/docker/timestamp.hpp"

namespace jci::docker {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr unsigned k_not_found = 404;
constexpr std::size_t k_shown_id = 12;  // characters, as `docker ps` shows

// How long an engine may be away: time enough to install a newer one.
constexpr auto k_engine_away = std::chrono::seconds(60);
constexpr auto k_between_tries = std::chrono::milliseconds(200);
// SIGKILL takes effect at once, but for a process that the kernel does not let go.
constexpr auto k_unkillable = std::chrono::seconds(10);

/// The job is one of those that hear of an image's progress, for the life of this object.
class Listening {
 public:
  Listening(Images::Wanted& image, JobSink& sink) : image_(image), sink_(sink) {
    image_.waiting.insert(&sink_);
    if (!image_.progress.empty()) sink_.waits(image_.progress);
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() { image_.waiting.erase(&sink_); }

 private:
  Images::Wanted& image_;
  JobSink& sink_;
};

JobResult result(Outcome outcome) { return {.outcome = std::move(outcome)}; }

}  // namespace

JobRun::JobRun(RunScope& scope, const Job& job, JobSink& sink, StopSignal& stop,
               const asio::any_io_executor& executor)
    : scope_(scope),
      job_(job),
      sink_(sink),
      stop_(stop),
      executor_(executor),
      stopping_(executor),
      tasks_(executor) {}

Awaitable<JobResult> JobRun::run() {
  stop_.listen([this](StopLevel level) { on_stop(level); });
  JobResult ended = result(Cancelled{});
  try {
    auto token = asio::bind_cancellation_slot(abandon_.slot(), asio::use_awaitable);
    auto life = asio::co_spawn(executor_, live(), std::move(token));
    ended = co_await std::move(life);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) ended = result(Lost{error.what()});
  }
  stop_.listen({});
  tasks_.cancel();
  co_await tasks_.join();
  const bool is_lost = std::holds_alternative<Lost>(ended.outcome);
  if (!not_ready_.empty())
    ended.outcome = CouldNotStart{not_ready_};
  else if (stop_.level() != StopLevel::none && !is_lost)
    ended.outcome = Cancelled{};
  ended.image_digest = digest_;
  co_return ended;
}

Awaitable<JobResult> JobRun::live() {
  const Options options = options_of(job_);
  Images::Wanted& image = scope_.images.want(job_.image(), options.pull, options.platform);
  {
    const Listening listening(image, sink_);
    co_await wait_for_either(image.known, stopping_);
  }
  if (stopping_.is_open()) co_return result(Cancelled{});
  if (!image.result) co_return result(CouldNotStart{image.result.error()});
  digest_ = *image.result;

  std::optional<Network::Place> place =
      co_await scope_.network.take(needs_own_network(job_, options));
  if (!place || stopping_.is_open()) co_return result(Cancelled{});
  std::optional<OutputStream> output;
  const std::string problem = co_await start(output, options, place->mode());
  if (!problem.empty()) co_return result(CouldNotStart{problem});
  place->started();
  running_ = true;
  sink_.started(std::string_view(id_).substr(0, k_shown_id));
  if (stop_.level() != StopLevel::none) on_stop(stop_.level());  // was asked meanwhile
  if (job_.is_service()) begin_service(options, image.has_healthcheck);
  co_return co_await follow(std::move(*output));
}

/// Empty, or for people why it could not be started.
Awaitable<std::string> JobRun::start(std::optional<OutputStream>& output, const Options& options,
                                     const std::string& network) {
  Surroundings surroundings = scope_.surroundings;
  surroundings.network = network;
  surroundings.labels.emplace(k_job_label, job_.name);
  const json::object body = create_body(job_, options, surroundings);
  const json::value* terminal = body.if_contains("Tty");
  terminal_ = terminal != nullptr && terminal->is_bool() && terminal->get_bool();

  const std::string name = container_name(scope_.context.info.pipe_id, job_);
  const auto created = co_await scope_.client.create_container(body, name, options.platform);
  if (!created) co_return explain_create(job_, created.error());
  id_ = created->id;
  // Before it starts, so that nothing of its output is missed.
  auto attached = co_await scope_.client.attach(id_, terminal_);
  if (!attached) co_return explain_create(job_, attached.error());
  output.emplace(std::move(*attached));
  const auto started = co_await scope_.client.start_container(id_);
  if (!started) co_return co_await reason_of_failed_start(started.error());
  co_return "";
}

Awaitable<std::string> JobRun::reason_of_failed_start(const Error& error) {
  int exit_code = 0;
  if (const auto container = co_await scope_.client.inspect_container(id_))
    exit_code = static_cast<int>(number_of(object_of(*container, "State"), "ExitCode"));
  co_return explain_start(job_, error, exit_code);
}

// --- from its start to its end ---

Awaitable<JobResult> JobRun::follow(OutputStream output) {
  bool have_all = co_await pass_on(output);
  for (;;) {
    if (!have_all) have_all = co_await resume_output();
    if (have_all) {
      const Answer<void> ended = co_await wait_for_end();
      if (ended) co_return co_await result_of_ended();
      if (ended.error().has_status(k_not_found)) break;
      if (ended.error().kind == Error::Kind::refused) co_return result(Lost{ended.error().text});
    }
    // The engine is away: what it did and said meanwhile is asked for again.
    have_all = false;
    if (!co_await engine_is_back())
      co_return result(
          Lost{fmt::format("the engine has been away for {} s", k_engine_away.count())});
    if (stop_.level() != StopLevel::none) tasks_.spawn(end_container(stop_.level()));
  }
  co_return result(Lost{"its container was removed by somebody else while it ran"});
}

/// Whether all output has come: the engine said so.
Awaitable<bool> JobRun::pass_on(OutputStream& output) {
  const OutputSink pass = [this](Stream stream, std::string_view bytes) {
    passed_on_.at(static_cast<std::size_t>(stream)) += bytes.size();
    sink_.output(stream, bytes);
  };
  const Answer<void> read = co_await output.read(pass);
  co_return read.has_value();
}

/// The engine's log of the container repeats what was passed on already.
Awaitable<bool> JobRun::resume_output() {
  const LogRequest request{.follow = true, .terminal = terminal_};
  auto log = co_await scope_.client.logs(id_, request);
  if (!log)
    co_return log.error().kind ==
        Error::Kind::refused;  // no log, or no container: nothing will come
  std::array<std::uint64_t, 2> repeated = passed_on_;
  const OutputSink pass = [&](Stream stream, std::string_view bytes) {
    std::uint64_t& skip = repeated.at(static_cast<std::size_t>(stream));
    const std::size_t known = static_cast<std::size_t>(std::min<std::uint64_t>(skip, bytes.size()));
    skip -= known;
    bytes.remove_prefix(known);
    if (bytes.empty()) return;
    passed_on_.at(static_cast<std::size_t>(stream)) += bytes.size();
    sink_.output(stream, bytes);
  };
  const Answer<void> read = co_await log->read(pass);
  co_return read.has_value();
}

Awaitable<Answer<void>> JobRun::wait_for_end() {
  auto waiting = co_await scope_.client.wait_container(id_, WaitFor::not_running);
  if (!waiting) co_return std::unexpected(waiting.error());
  const Answer<Ending> ended = co_await waiting->ended();
  if (!ended) co_return std::unexpected(ended.error());
  co_return Answer<void>();
}

Awaitable<JobResult> JobRun::result_of_ended() {
  const auto container = co_await scope_.client.inspect_container(id_);
  if (!container) {
    if (container.error().has_status(k_not_found))
      co_return result(Lost{"its container was removed by somebody else while it ran"});
    co_return result(Lost{container.error().text});
  }
  const json::object& state = object_of(*container, "State");
  const int code = static_cast<int>(number_of(state, "ExitCode"));
  const json::value* oom = state.if_contains("OOMKilled");
  if (oom != nullptr && oom->is_bool() && oom->get_bool())
    sink_.output(Stream::err, code == 137
                                  ? "jci: killed by the kernel: out of memory; see `mem_limit`\n"
                                  : "jci: one of its processes was killed by the kernel: out of "
                                    "memory; see `mem_limit`\n");
  JobResult ended = result(Exited{code});
  if (engine_was_away_ && code != 0)
    ended.outcome = Lost{fmt::format(
        "ended with exit code {} while the engine was away, which may have stopped it", code)};
  ended.took = between(text_of(state, "StartedAt"), text_of(state, "FinishedAt"));
  ended.report = co_await scope_.read_report(job_);
  co_return ended;
}

Awaitable<bool> JobRun::engine_is_back() {
  engine_was_away_ = true;
  const auto give_up = Clock::now() + k_engine_away;
  asio::steady_timer pause(executor_);
  while (Clock::now() < give_up) {
    pause.expires_after(k_between_tries);
    co_await pause.async_wait(asio::use_awaitable);
    if (co_await scope_.client.connect()) co_return true;
  }
  co_return false;
}

// --- a service ---

void JobRun::begin_service(const Options& options, bool has_healthcheck) {
  const bool asks = !std::holds_alternative<std::monostate>(options.ready);
  if (!asks && !has_healthcheck) return sink_.ready();
  tasks_.spawn(tell_when_ready(options));
}

Awaitable<> JobRun::tell_when_ready(Options options) {
  using namespace asio::experimental::awaitable_operators;
  const RunningService service{
      .id = id_, .inside_image = scope_.inside_image, .labels = scope_.surroundings.labels};
  const bool asks = !std::holds_alternative<std::monostate>(options.ready);
  asio::steady_timer deadline(executor_, options.ready_timeout);
  auto answer = asks ? wait_until_ready(scope_.client, service, options.ready)
                     : wait_until_healthy(scope_.client, service);
  auto first = std::move(answer) || deadline.async_wait(asio::use_awaitable);
  const auto done = co_await std::move(first);
  if (done.index() == 0 && std::get<0>(done).empty()) {
    sink_.ready();
    co_return;
  }
  not_ready_ =
      done.index() == 0
          ? fmt::format("cannot find out whether it is ready: {}", std::get<0>(done))
          : fmt::format("was not ready within {:g} s; see its log, or give it more `ready_timeout`",
                        std::chrono::duration<double>(options.ready_timeout).count());
  co_await scope_.client.stop_container(
      id_, std::chrono::ceil<std::chrono::seconds>(scope_.context.grace));
}

// --- stopping ---

void JobRun::on_stop(StopLevel level) {
  stopping_.open();
  if (running_) return tasks_.spawn(end_container(level));
  if (level == StopLevel::kill) abandon_.emit(asio::cancellation_type::terminal);
}

Awaitable<> JobRun::end_container(StopLevel level) {
  if (level == StopLevel::stop) {
    co_await scope_.client.stop_container(
        id_, std::chrono::ceil<std::chrono::seconds>(scope_.context.grace));
    co_return;
  }
  co_await scope_.client.kill_container(id_, "SIGKILL");
  asio::steady_timer patience(executor_, k_unkillable);
  co_await patience.async_wait(asio::use_awaitable);
  abandon_.emit(asio::cancellation_type::terminal);
}

}  // namespace jci::docker
