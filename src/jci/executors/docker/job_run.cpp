// SPDX-License-Identifier: MIT
#include "jci/executors/docker/job_run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "jci/executors/docker/ahead.hpp"
#include "jci/executors/docker/explain.hpp"
#include "jci/executors/docker/lack_of_memory.hpp"
#include "jci/executors/docker/readiness.hpp"
#include "jci/executors/docker/sweep.hpp"
#include "jci/executors/docker/timestamp.hpp"
#include "jci/util/json.hpp"

namespace jci::docker {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr int k_no_such_command = 127;  // of a shell, and of an init process
constexpr std::size_t k_shown_id = 12;  // characters, as `docker ps` shows

constexpr const char* k_removed = "its container was removed by somebody else while it ran";

// From the end of a job's output to its own.
constexpr auto k_soon = std::chrono::seconds(1);
// The engine ends a container's output, and tells of its death at once: within milliseconds. Where that comes later, the output may have been cut off.
constexpr auto k_same_moment = std::chrono::milliseconds(50);
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
  } catch (const asio::multiple_exceptions&) {
    // Abandoned while it waited for either of two things.
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
  if (running_ && uses_engine_) scope_.images.may_have_changed();
  co_return ended;
}

Awaitable<JobResult> JobRun::live() {
  const Options options = options_of(job_);
  const Images::Wanted& image = *co_await find_image(options);
  if (stopping_.is_open()) co_return result(Cancelled{});
  if (!image.result) co_return result(CouldNotStart{image.result.error()});
  digest_ = *image.result;
  image_id_ = image.id;
  uses_engine_ = options.docker_socket;
  if (scope_.volume != nullptr && !co_await have_files()) {
    if (stopping_.is_open()) co_return result(Cancelled{});
    co_return result(CouldNotStart{problem_});
  }

  needs_own_network_ = takes_own_network(scope_, job_);
  for (;;) {
    std::optional<Network::Place> place =
        co_await scope_.network.take(needs_own_network_, scope_.ahead.network_of(job_));
    if (!place || stopping_.is_open()) co_return result(Cancelled{});
    switch (co_await start(options, *place)) {
      case Start::failed:
        co_return result(CouldNotStart{problem_});
      case Start::lost:
        co_return result(CouldNotStart{"the engine went away before its container was started"});
      case Start::again:
        continue;
      case Start::runs:
        break;
    }
    place->started();
    running_ = true;
    scope_.last_started = id_;
    sink_.started(std::string_view(id_).substr(0, k_shown_id));
    if (stop_.level() != StopLevel::none) on_stop(stop_.level());  // was asked meanwhile
    if (job_.is_service()) begin_service(options, image.has_healthcheck);
    co_return co_await follow();
  }
}

/// Waits until the Workspace is on the engine.
Awaitable<bool> JobRun::have_files() {
  Latch& filled = scope_.volume->filled();
  if (!filled.is_open()) {
    sink_.waits("the files of the commit are being sent to the engine");
    co_await wait_for_either(filled, stopping_);
  }
  if (stopping_.is_open()) co_return false;
  if (const auto& problem = scope_.volume->problem())
    problem_ = fmt::format("cannot send the Workspace to the engine: {}", *problem);
  co_return problem_.empty();
}

/// Returns when it is known, or when there is no use in it any more.
Awaitable<const Images::Wanted*> JobRun::find_image(const Options& options) {
  for (;;) {
    Images::Wanted& image = scope_.images.want(job_.image(), options.pull, options.platform);
    {
      const Listening listening(image, sink_);
      co_await wait_for_either(image.known, stopping_);
    }
    if (stopping_.is_open() || image.result) co_return &image;
    const bool takes_calls = co_await scope_.engine.answers();
    if (takes_calls && !image.engine_lost) co_return &image;
    if (!co_await engine_is_back()) co_return &image;
    scope_.images.may_have_changed();
  }
}

Awaitable<JobRun::Start> JobRun::start(const Options& options, Network::Place& place) {
  const Answer<void> made = co_await get_container(options, place.mode());
  if (!made) {
    if (co_await is_away(made.error())) co_return co_await start_after_absence();
    problem_ = explain_create(job_, made.error());
    co_return Start::failed;
  }
  make_next_ahead(place);
  const Answer<void> started = co_await scope_.client.start_container(id_);
  if (started) co_return Start::runs;
  if (co_await is_away(started.error())) co_return co_await start_after_absence();
  // While it waited for its turn, anybody may have removed it. Or what it names is not there: then the second attempt tells.
  if (made_ahead_ && started.error().is_not_found()) {
    co_await scope_.client.remove_container(id_, true, true);
    co_return Start::again;
  }
  co_return co_await explain_failed_start(started.error(), place);
}

/// Whether `error` is the engine's absence. One that is being stopped refuses this and that, for any reason, before it is gone.
Awaitable<bool> JobRun::is_away(const Error& error) {
  if (error.kind == Error::Kind::connection) co_return true;
  const bool takes_calls = co_await scope_.engine.answers();
  co_return !takes_calls;
}

Awaitable<Answer<void>> JobRun::get_container(const Options& options, const std::string& network) {
  using namespace asio::experimental::awaitable_operators;
  breaks_ = scope_.engine.breaks();  // before it is attached to: one that comes between counts
  std::optional<JobContainer> container = co_await scope_.ahead.take(scope_, job_, network);
  made_ahead_ = container.has_value();
  if (!container) {
    auto made = co_await make_container(scope_, job_, options, network);
    if (!made) co_return std::unexpected(made.error());
    container = std::move(*made);
    auto both = attach(scope_.client, *container) && inspect_if_needed(*container);
    const Answer<void> attached = co_await std::move(both);
    if (!attached) co_return std::unexpected(attached.error());
  }
  id_ = container->id;
  terminal_ = container->terminal;
  has_init_ = container->has_init;
  output_ = std::move(container->output);
  container_image_id_ = std::move(container->image_id);
  is_plain_ = container->is_plain;
  co_return Answer<void>();
}

/// For `result_of_passed`. Not once it runs: while the engine tidies up after a container, it lets whoever inspects that wait as well.
Awaitable<> JobRun::inspect_if_needed(JobContainer& container) {
  if (scope_.deaths.listens()) co_await inspect(scope_.client, container);
}

Awaitable<JobRun::Start> JobRun::explain_failed_start(const Error& error, Network::Place& place) {
  if (const auto holder = place.holder()) {
    const auto found = co_await scope_.client.inspect_container(*holder);
    if (!found || !flag_of(object_of(*found, "State"), "Running")) {
      // It went down with the engine; what was made for it is of no use.
      place.lost();
      needs_own_network_ = true;
      co_await scope_.client.remove_container(id_, true, true);
      co_return Start::again;
    }
  }
  Unstarted unstarted;
  if (const auto container = co_await scope_.client.inspect_container(id_)) {
    unstarted.exit_code = static_cast<int>(number_of(object_of(*container, "State"), "ExitCode"));
    unstarted.program = text_of(*container, "Path");
  }
  problem_ = explain_start(job_, error, unstarted);
  co_return Start::failed;
}

/// The engine may have done what it was asked to without being able to say so.
Awaitable<JobRun::Start> JobRun::start_after_absence() {
  const std::string name = container_name(scope_.context.info.pipe_id, job_);
  output_.reset();
  while (co_await engine_is_back()) {
    const auto found = co_await scope_.client.inspect_container(name);
    if (!found) {
      if (found.error().kind == Error::Kind::refused) co_return Start::again;
      continue;
    }
    id_ = text_of(*found, "Id");
    const json::object& state = object_of(*found, "State");
    if (read_timestamp(text_of(state, "StartedAt"))) {
      ended_while_away_ = !flag_of(state, "Running");
      co_return Start::runs;
    }
    const auto removed = co_await scope_.client.remove_container(id_, true, true);
    if (removed || removed.error().is_not_found()) co_return Start::again;
  }
  co_return Start::lost;
}

/// While this one is started: it may be over before another one could be made.
void JobRun::make_next_ahead(const Network::Place& place) {
  const Job* next = scope_.context.next_after ? scope_.context.next_after(job_) : nullptr;
  if (next == nullptr) return;
  if (const auto mode = scope_.network.mode_after(place, takes_own_network(scope_, *next)))
    scope_.ahead.make(scope_, *next, *mode);
}

// --- from its start to its end ---

Awaitable<JobResult> JobRun::follow() {
  bool have_all = output_ && co_await pass_on() && co_await ends_soon();
  for (;;) {
    if (!have_all) have_all = co_await repeat_output(true);
    if (have_all) {
      const Answer<JobResult> told = co_await result_of_ended();
      if (told) co_return *told;
      if (told.error().is_not_found()) co_return result(Lost{k_removed});
      if (told.error().kind == Error::Kind::refused) co_return result(Lost{told.error().text});
    }
    // The engine is away: what the job did and said meanwhile is asked for again.
    have_all = false;
    if (!co_await engine_is_back()) co_return result(Lost{scope_.engine.what_became()});
    const Answer<bool> still_runs = co_await runs();
    ended_while_away_ = !still_runs.value_or(false);
    if (stop_.level() != StopLevel::none) tasks_.spawn(end_container(stop_.level()));
  }
}

/// Whether its end was reached, as far as one can tell: a connection that is cut looks the same.
Awaitable<bool> JobRun::pass_on() {
  const OutputSink pass = [this](Stream stream, std::string_view bytes) {
    passed_on_.at(static_cast<std::size_t>(stream)) += bytes.size();
    sink_.output(stream, bytes);
  };
  const Answer<void> read = co_await output_->read(pass);
  started_before_ = scope_.last_started;
  output_ended_ = std::chrono::system_clock::now();
  output_end_seen_ = Clock::now();
  co_return read.has_value();
}

/// Passes on what the engine's log has beyond what was passed on already. Whether all of it came.
Awaitable<bool> JobRun::repeat_output(bool follow) {
  const std::size_t breaks = scope_.engine.breaks();
  const LogRequest request{.follow = follow, .terminal = terminal_};
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
  if (read && follow) output_ended_ = std::chrono::system_clock::now();
  if (read) breaks_ = breaks;
  co_return read.has_value();
}

Awaitable<Answer<void>> JobRun::wait_for_end() {
  auto waiting = co_await scope_.client.wait_container(id_, WaitFor::not_running);
  if (!waiting) co_return std::unexpected(waiting.error());
  const Answer<Ending> ended = co_await waiting->ended();
  if (!ended) co_return std::unexpected(ended.error());
  co_return Answer<void>();
}

/// Where it does not, though its output has ended, that was cut off, or the job closed it.
Awaitable<bool> JobRun::ends_soon() {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer patience(executor_, k_soon);
  if (scope_.deaths.listens()) {
    auto either = scope_.deaths.of(id_) || patience.async_wait(asio::use_awaitable);
    auto heard = co_await std::move(either);
    if (heard.index() == 1) co_return false;
    death_ = std::get<0>(heard);
    if (death_) co_return true;
  }
  auto first = wait_for_end() || patience.async_wait(asio::use_awaitable);
  const auto done = co_await std::move(first);
  has_ended_ = done.index() == 0 && std::get<0>(done).has_value();
  co_return has_ended_;
}

/// What can be told at its death of a job that has passed. Nothing where there may be more to it, which only the engine's own account tells.
Awaitable<std::optional<JobResult>> JobRun::result_of_passed() {
  if (!death_ || death_->exit_code != 0 || death_->lacked_memory) co_return std::nullopt;
  const bool has_all_output =
      death_->heard <= output_end_seen_ + k_same_moment && scope_.engine.breaks() == breaks_;
  if (!has_all_output || ended_while_away_) co_return std::nullopt;
  if (!is_plain_ || container_image_id_.empty() || !death_->started) co_return std::nullopt;
  // Its name may have been given to another one since it was looked for.
  if (container_image_id_ != image_id_) digest_ = container_image_id_;
  JobResult all = result(Exited{0});
  all.took = death_->at - *death_->started;
  all.report = co_await scope_.read_report(job_);
  co_return all;
}

Awaitable<Answer<JobResult>> JobRun::result_of_ended() {
  if (auto passed = co_await result_of_passed()) co_return std::move(*passed);
  if (!has_ended_) {
    const Answer<void> ended = co_await wait_for_end();
    if (!ended) co_return std::unexpected(ended.error());
  }
  const auto container = co_await scope_.client.inspect_container(id_);
  if (!container) co_return std::unexpected(container.error());
  const json::object& state = object_of(*container, "State");
  const std::string status = text_of(state, "Status");
  if (status == "removing" || status == "dead") co_return result(Lost{k_removed});
  const auto finished = read_timestamp(text_of(state, "FinishedAt"));
  const bool may_lack_some =
      (finished && *finished > output_ended_) || scope_.engine.breaks() != breaks_;
  if (may_lack_some && !co_await repeat_output(false))
    co_return protocol_error("its log broke off");
  const int code = static_cast<int>(number_of(state, "ExitCode"));
  const bool may_be_killed_by_us = asked_to_stop_.has_value();
  const auto note = co_await explain_lack_of_memory(scope_.client, *container, may_be_killed_by_us);
  if (!note.empty()) sink_.output(Stream::err, note);
  // Its name may have been given to another one since it was looked for.
  if (const std::string image = text_of(*container, "Image"); image != image_id_) digest_ = image;
  JobResult all = result(Exited{code});
  if (code != 0 && co_await engine_may_have_ended_it(finished))
    all.outcome = Lost{fmt::format(
        "ended with exit code {} while the engine was away, which may have stopped it", code)};
  if (code == k_no_such_command && co_await lacks_shell())
    co_return result(CouldNotStart{explain_no_shell(job_)});
  all.took = between(text_of(state, "StartedAt"), text_of(state, "FinishedAt"));
  all.report = co_await scope_.read_report(job_);
  co_return all;
}

// An engine that is being stopped takes its containers down while it still answers, but to nobody new.
Awaitable<bool> JobRun::engine_may_have_ended_it(
    std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> finished) {
  if (!ended_while_away_) {
    if (co_await scope_.engine.answers()) co_return false;
    if (!co_await engine_is_back()) co_return true;
  }
  if (!finished) co_return true;
  // Where it remembers what it did before, only the way to it was cut.
  const std::string& started = started_before_.empty() ? id_ : started_before_;
  const auto until = std::chrono::ceil<std::chrono::seconds>(*finished);
  for (;;) {
    const auto remembers = co_await scope_.client.happened(started, "start", until);
    if (remembers && !*remembers) co_return true;
    if (remembers && co_await scope_.engine.answers()) co_return false;
    if (!remembers && remembers.error().kind != Error::Kind::connection) co_return true;
    if (!co_await engine_is_back()) co_return true;
  }
}

/// Below an init process, a missing shell is no reason for the engine not to start the container.
Awaitable<bool> JobRun::lacks_shell() {
  if (!has_init_ || !std::holds_alternative<std::string>(job_.command)) co_return false;
  const ArchiveSink no_more = [](std::string_view) -> Awaitable<bool> { co_return false; };
  const Answer<void> there = co_await scope_.client.get_archive(id_, "/bin/sh", no_more);
  co_return !there && there.error().is_not_found();
}

Awaitable<Answer<bool>> JobRun::runs() {
  const auto container = co_await scope_.client.inspect_container(id_);
  if (!container) co_return std::unexpected(container.error());
  co_return flag_of(object_of(*container, "State"), "Running");
}

/// Waits for that, not as long where the job was asked to stop.
Awaitable<bool> JobRun::engine_is_back() {
  const auto enough = [this] {
    if (stop_.level() == StopLevel::kill) return true;
    return asked_to_stop_ && Clock::now() > *asked_to_stop_ + scope_.context.grace;
  };
  co_return co_await scope_.engine.comes_back(enough);
}

// --- a service ---

void JobRun::begin_service(const Options& options, bool has_healthcheck) {
  const bool asks = !std::holds_alternative<std::monostate>(options.ready);
  if (!asks && !has_healthcheck) return sink_.ready();
  tasks_.spawn(tell_when_ready(options));
}

Awaitable<> JobRun::tell_when_ready(Options options) {
  const RunningService service{
      .id = id_, .inside_image = scope_.inside_image, .labels = scope_.surroundings.labels};
  const std::optional<std::string> problem = co_await wait_in_time(scope_.client, service, options);
  if (!problem) co_return;
  if (problem->empty()) co_return sink_.ready();
  not_ready_ = *problem;
  co_await scope_.client.stop_container(
      id_, std::chrono::ceil<std::chrono::seconds>(scope_.context.grace));
}

// --- stopping ---

void JobRun::on_stop(StopLevel level) {
  stopping_.open();
  if (!asked_to_stop_) asked_to_stop_ = Clock::now();
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
