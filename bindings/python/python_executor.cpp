// SPDX-License-Identifier: MIT
#include "python_executor.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "convert.hpp"
#include "declaration.hpp"
#include "errors.hpp"
#include "held.hpp"
#include "jci/core/errors.hpp"
#include "jci/util/beneath.hpp"

namespace jci::python {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr Milliseconds k_first_pause(10);
// What a call is granted also when the job's own time is over: else a kill would find no time to ask anything.
constexpr std::chrono::seconds k_least_patience(1);

/// The waiting of one job, on the engine thread: a stop gives it a deadline, the grace period; a kill ends it.
class Patience {
 public:
  Patience(const asio::any_io_executor& engine, StopSignal* stop, Milliseconds grace)
      : timer_(engine), stop_(stop), grace_(grace) {
    if (stop_ != nullptr) stop_->listen([this](StopLevel level) { heard(level); });
  }
  ~Patience() {
    if (stop_ != nullptr) stop_->listen({});
  }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

  bool asked_to_stop() const { return deadline_ != Clock::time_point::max(); }
  Clock::time_point deadline() const { return deadline_; }
  bool over() const { return Clock::now() >= deadline_; }

  void wake() { timer_.cancel(); }
  /// Ends at `time`, or when woken or asked to stop.
  Awaitable<> wait_until(Clock::time_point time) {
    timer_.expires_at(time);
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

 private:
  void heard(StopLevel level) {
    const auto grace = level == StopLevel::kill ? Milliseconds(0) : grace_;
    deadline_ = std::min(deadline_, Clock::now() + grace);
    wake();
  }

  asio::steady_timer timer_;
  StopSignal* stop_;
  Milliseconds grace_;
  Clock::time_point deadline_ = Clock::time_point::max();
};

/// A method of the executor has not come back, and nobody waits for it any more.
struct Stuck : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The thread on which the executor's methods run.
class Worker {
 public:
  Worker() : thread_([queue = queue_] { work(*queue); }) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    std::optional<py::gil_scoped_release> release;
    if (PyGILState_Check() == 1) release.emplace();
    idle_.reset();
    // A stuck method cannot be ended, only left behind: it dies with the process.
    if (stuck_)
      thread_.detach();
    else
      thread_.join();
  }

  /// What `python` returns, called under the GIL; what it raises comes as PythonError. Throws Stuck.
  template <class Answer>
  Awaitable<Answer> ask(std::function<Answer()> python, Patience& patience) {
    if (stuck_) throw Stuck("an earlier call has not come back");
    const auto call = std::make_shared<Call<Answer>>(co_await asio::this_coro::executor, patience);
    asio::post(*queue_, [call, python = std::move(python)] { call->make(python); });
    const auto least = Clock::now() + k_least_patience;
    while (!call->done) {
      co_await patience.wait_until(std::max(patience.deadline(), least));
      if (call->done || Clock::now() < std::max(patience.deadline(), least)) continue;
      stuck_ = true;
      call->forget();
      throw Stuck("it has not come back");
    }
    if (call->error) std::rethrow_exception(call->error);
    co_return std::move(*call->answer);
  }

 private:
  template <class Answer>
  struct Call : std::enable_shared_from_this<Call<Answer>> {
    Call(asio::any_io_executor executor, Patience& waiting)
        : engine(std::move(executor)), patience(&waiting) {}

    /// On the worker. The answer goes to the engine thread, unless the engine has gone on without it.
    void make(const std::function<Answer()>& python) {
      std::optional<Answer> made;
      std::exception_ptr thrown;
      try {
        made = in_python(python);
      } catch (...) {
        thrown = std::current_exception();
      }
      const std::lock_guard lock(mutex);
      if (forgotten) return;
      answer = std::move(made);
      error = thrown;
      asio::post(engine, [call = this->shared_from_this()] { call->arrived(); });
    }
    void arrived() {
      done = true;
      patience->wake();
    }
    void forget() {
      const std::lock_guard lock(mutex);
      forgotten = true;
    }

    asio::any_io_executor engine;
    Patience* patience;
    std::mutex mutex;
    bool forgotten = false;  // guarded by mutex
    bool done = false;       // the engine thread's
    std::optional<Answer> answer;
    std::exception_ptr error;
  };

  /// One Python thread state for the life of the thread, so that the executor's thread-locals last.
  static void work(asio::io_context& queue) {
    const py::gil_scoped_acquire thread_state;
    const py::gil_scoped_release idle;
    queue.run();
  }

  std::shared_ptr<asio::io_context> queue_ = std::make_shared<asio::io_context>();
  asio::executor_work_guard<asio::io_context::executor_type> idle_{queue_->get_executor()};
  bool stuck_ = false;
  std::thread thread_;
};

/// What `get_status` said.
struct Answer {
  bool is_running = true;
  std::optional<int> exit_code;
  std::optional<Nanoseconds> took;
  std::string new_logs;
  Py_ssize_t logs_told = 0;  // of its `logs`, up to and with new_logs
};

/// What `logs` has beyond its first `told` characters.
std::string beyond(const py::object& logs, Py_ssize_t told) {
  if (logs.is_none()) return {};
  const py::object rest = logs[py::slice(told, std::nullopt, std::nullopt)];
  if (py::isinstance<py::bytes>(rest)) return rest.cast<py::bytes>();
  return to_bytes(py::str(rest));
}

/// Two datetimes, or two numbers of seconds.
std::optional<Nanoseconds> time_between(const py::object& start, const py::object& end) {
  if (start.is_none() || end.is_none()) return std::nullopt;
  py::object span = end - start;
  if (py::hasattr(span, "total_seconds")) span = span.attr("total_seconds")();
  return std::chrono::duration_cast<Nanoseconds>(
      std::chrono::duration<double>(span.cast<double>()));
}

Answer read_answer(const py::object& status, Py_ssize_t told) {
  Answer answer;
  answer.is_running = py::bool_(status.attr("is_running"));
  const py::object code = status.attr("exit_code");
  if (!code.is_none()) answer.exit_code = code.cast<int>();
  const py::object logs = status.attr("logs");
  answer.new_logs = beyond(logs, told);
  answer.logs_told = logs.is_none() ? told : std::max(told, static_cast<Py_ssize_t>(py::len(logs)));
  answer.took = time_between(status.attr("started_at"), status.attr("finished_at"));
  return answer;
}

/// As `subprocess` has it: a negative code names the signal.
Outcome outcome_of(std::optional<int> exit_code) {
  if (!exit_code) return Lost{"`get_status` gave no exit code for a job that is not running"};
  if (*exit_code < 0) return Signaled{-*exit_code};
  return Exited{std::min(*exit_code, 255)};
}

/// The executor's Python half, and where its calls are made.
class Driver {
 public:
  explicit Driver(py::object executor)
      : name_(type_name(executor)), executor_(std::move(executor)) {}

  const std::string& name() const { return name_; }
  const py::object& executor() const { return executor_.get(); }
  const RunContext& context() const { return *context_; }
  std::shared_ptr<Declaration> declaration() const { return declaration_.lock(); }
  Worker& worker() { return *worker_; }

  void serve(std::weak_ptr<Declaration> declaration) { declaration_ = std::move(declaration); }
  void open(const RunContext& context) {
    context_ = context;
    worker_.emplace();
  }
  void close() { worker_.reset(); }

  /// Needs the GIL. Ours is the base class that keeps such things for its subclasses; others may not take an attribute.
  bool has_our_base() const { return py::isinstance(executor(), interface("Executor")); }

 private:
  std::string name_;
  Held executor_;
  std::weak_ptr<Declaration> declaration_;
  std::optional<RunContext> context_;
  std::optional<Worker> worker_;
};

/// One job from `run` to its last answer.
class PolledJob {
 public:
  PolledJob(std::shared_ptr<Driver> driver, const Job& job, std::size_t position, JobSink& sink,
            StopSignal& stop, const asio::any_io_executor& engine)
      : driver_(std::move(driver)),
        job_(job),
        position_(position),
        sink_(sink),
        patience_(engine, &stop, driver_->context().grace) {}

  Awaitable<JobResult> to_end() {
    const std::optional<std::string> failure = co_await start();
    if (failure) co_return JobResult{CouldNotStart{*failure}};
    sink_.started(run_id_);
    if (job_.is_service()) sink_.ready();
    co_return co_await watch();
  }

 private:
  /// Why it could not be started, if so.
  Awaitable<std::optional<std::string>> start() {
    const std::function<std::string()> call = [driver = driver_, handle = handle(),
                                               position = position_] {
      const py::object& executor = driver->executor();
      if (driver->has_our_base())
        executor.attr("_execution_order")[to_text(handle.job->name)] = position;
      const py::object run_id = executor.attr("run")(handle);
      return to_bytes(py::str(run_id));
    };
    try {
      run_id_ = co_await driver_->worker().ask(call, patience_);
    } catch (const PythonError& error) {
      sink_.started({});
      co_return report("run", error);
    } catch (const Stuck& error) {
      co_return fmt::format("`{}.run`: {}", driver_->name(), error.what());
    }
    co_return std::nullopt;
  }

  Awaitable<JobResult> watch() {
    Milliseconds pause = k_first_pause;
    bool stopping = false;
    for (;;) {
      co_await patience_.wait_until(std::min(Clock::now() + pause, patience_.deadline()));
      if (patience_.asked_to_stop() && !stopping) {
        stopping = true;
        pause = k_first_pause;
        co_await ask_to_stop();
      }
      const std::expected<Answer, Outcome> answer = co_await ask_status();
      if (!answer) co_return JobResult{stopping ? Outcome(Cancelled{}) : answer.error()};
      tell(*answer);
      if (!answer->is_running)
        co_return JobResult{stopping ? Outcome(Cancelled{}) : outcome_of(answer->exit_code),
                            answer->took, report_of_job()};
      if (patience_.over()) co_return give_up();
      pause = std::min(2 * pause, std::max(driver_->context().poll_interval, k_first_pause));
    }
  }

  Awaitable<std::expected<Answer, Outcome>> ask_status() {
    const std::function<Answer()> call = [driver = driver_, run_id = run_id_, told = logs_told_] {
      return read_answer(driver->executor().attr("get_status")(to_text(run_id)), told);
    };
    try {
      co_return co_await driver_->worker().ask(call, patience_);
    } catch (const PythonError& error) {
      co_return std::unexpected(Lost{report("get_status", error)});
    } catch (const Stuck& error) {
      co_return std::unexpected(
          Lost{fmt::format("`{}.get_status`: {}", driver_->name(), error.what())});
    }
  }

  Awaitable<> ask_to_stop() {
    const std::function<bool()> call = [driver = driver_, run_id = run_id_] {
      const bool can = !py::getattr(driver->executor(), "stop", py::none()).is_none();
      if (can) driver->executor().attr("stop")(to_text(run_id));
      return can;
    };
    try {
      if (!co_await driver_->worker().ask(call, patience_))
        say(fmt::format("`{}` has no `stop`: waiting for the job to end by itself\n",
                        driver_->name()));
    } catch (const PythonError& error) {
      report("stop", error);
    } catch (const Stuck&) {
      // The next question finds it as well, and ends the job.
    }
  }

  /// Its `<job name>.txt`.
  std::string report_of_job() const {
    return read_beneath(driver_->context().workspace, job_.name + ".txt", k_report_bytes)
        .value_or("");
  }

  JobResult give_up() {
    say(fmt::format("`{}` did not stop the job in time: it may still be running\n",
                    driver_->name()));
    return {Cancelled{}};
  }

  void tell(const Answer& answer) {
    logs_told_ = answer.logs_told;
    if (!answer.new_logs.empty()) sink_.output(Stream::out, answer.new_logs);
  }
  void say(std::string_view line) { sink_.output(Stream::err, line); }

  /// Puts the traceback into the job's log; returns the reason in a line.
  std::string report(const char* method, const PythonError& error) {
    say(error.traceback);
    return fmt::format("`{}.{}` raised {}", driver_->name(), method, error.what());
  }

  JobHandle handle() const { return {driver_->declaration(), &job_}; }

  std::shared_ptr<Driver> driver_;
  const Job& job_;
  std::size_t position_;
  JobSink& sink_;
  Patience patience_;
  std::string run_id_;
  Py_ssize_t logs_told_ = 0;
};

class Adapter final : public PythonExecutor {
 public:
  explicit Adapter(py::object executor) : driver_(std::make_shared<Driver>(std::move(executor))) {}

  std::string_view name() const override { return driver_->name(); }
  void serve(std::weak_ptr<Declaration> declaration) override {
    driver_->serve(std::move(declaration));
  }

  Awaitable<> open(const RunContext& context) override {
    driver_->open(context);
    co_await call_once("setup", [](Driver& driver) {
      if (!driver.has_our_base()) return;
      driver.executor().attr("context") = driver.context();
      driver.executor().attr("_execution_order") = py::dict();
    });
  }

  Awaitable<JobResult> run(const Job& job, JobSink& sink, StopSignal& stop) override {
    PolledJob polled(driver_, job, position_of(job), sink, stop,
                     co_await asio::this_coro::executor);
    co_return co_await polled.to_end();
  }

  Awaitable<> close() override {
    co_await call_once("teardown", [](Driver&) {});
    driver_->close();
  }

 private:
  /// In the order of starts; 0 is the first.
  std::size_t position_of(const Job& job) const {
    const auto& order = execution_order();
    const auto last = std::ranges::find(order.rbegin(), order.rend(), job.name);
    return last == order.rend() ? 0 : static_cast<std::size_t>(order.rend() - last) - 1;
  }

  /// `setup` or `teardown`, which an executor may leave out.
  Awaitable<> call_once(const char* method, void (*before)(Driver&)) {
    Patience patience(co_await asio::this_coro::executor, nullptr, {});
    const std::function<bool()> call = [driver = driver_, method, before] {
      before(*driver);
      if (py::hasattr(driver->executor(), method)) driver->executor().attr(method)();
      return true;
    };
    try {
      co_await driver_->worker().ask(call, patience);
    } catch (const PythonError& error) {
      throw TriggerFailed(
          fmt::format("`{}.{}` raised an exception\n{}", driver_->name(), method, error.traceback));
    } catch (const Stuck& error) {
      throw TriggerFailed(fmt::format("`{}.{}`: {}", driver_->name(), method, error.what()));
    }
  }

  std::shared_ptr<Driver> driver_;
};

}  // namespace

std::shared_ptr<PythonExecutor> make_python_executor(py::object executor) {
  return std::make_shared<Adapter>(std::move(executor));
}

}  // namespace jci::python
