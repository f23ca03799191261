// SPDX-License-Identifier: MIT
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "graph.hpp"
#include "jci/core/errors.hpp"
#include "jci/engine/engine.hpp"
#include "jci/executors/mock.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;

/// Writes down every event in a few words.
class Diary final : public Observer {
 public:
  void on_event(const Event& event) override { std::visit(*this, event); }

  void operator()(const RunStarted&) { lines.push_back("run started"); }
  void operator()(const JobStarted& e) { lines.push_back(e.job.name + " started"); }
  void operator()(const JobWaits& e) {
    lines.push_back(e.job.name + " waits: " + std::string(e.what));
  }
  void operator()(const ServiceUp& e) { lines.push_back(e.job.name + " up"); }
  void operator()(const JobOutput& e) {
    lines.push_back(e.job.name + " said " + std::string(e.bytes));
  }
  void operator()(const JobFinished& e) {
    lines.push_back(e.job.name + " " + std::string(to_string(e.state.status)));
    if (on_finished) on_finished(e.job);
  }
  void operator()(const Warning& e) { lines.push_back("warning " + std::string(e.message)); }
  void operator()(const RunFinished& e) {
    lines.push_back("run " + std::string(to_string(e.status)));
  }

  std::vector<std::string> lines;
  std::function<void(const Job&)> on_finished;
};

/// A pipeline drawn as text, run on a mock to its end.
class EngineTest : public testing::Test {
 protected:
  Status run(const Pipeline& pipeline, Executor& executor, std::size_t max_parallel = 0) {
    Engine engine(pipeline, executor, {}, max_parallel);
    engine.observe(diary);
    const Status status = engine.run();
    for (const Job& job : pipeline.jobs()) states[job.name] = engine.state_of(job.id);
    interrupted = engine.interrupted();
    return status;
  }

  Status status_of_job(const std::string& name) { return states.at(name).status; }

  MockExecutor mock;
  Diary diary;
  std::map<std::string, JobState> states;
  bool interrupted = false;
};

JobOptions after(const std::string& parent) {
  JobOptions options;
  options.depends_on = {parent};
  return options;
}

JobOptions service() {
  JobOptions options;
  options.settings.is_service = true;
  return options;
}

JobOptions within(Milliseconds timeout) {
  JobOptions options;
  options.settings.timeout = timeout;
  return options;
}

TEST_F(EngineTest, PassesAPipelineWithoutJobs) {
  EXPECT_EQ(run(Pipeline(), mock), Status::passed);
  EXPECT_EQ(diary.lines, (std::vector<std::string>{"run started", "run PASSED"}));
}

TEST_F(EngineTest, TellsObserversWhatHappensInOrder) {
  Pipeline pipeline;
  pipeline.add_job("a", "true", {});
  pipeline.add_job("b", "true", after("a"));
  mock.script("a", {.output = {{Stream::out, "hello"}}});
  EXPECT_EQ(run(pipeline, mock), Status::passed);
  EXPECT_EQ(diary.lines,
            (std::vector<std::string>{"run started", "a started", "a said hello", "a PASSED",
                                      "b started", "b PASSED", "run PASSED"}));
}

TEST_F(EngineTest, FailsWhenAJobFailsAndSkipsWhatNeededIt) {
  Pipeline pipeline;
  pipeline.add_job("build", "false", {});
  pipeline.add_job("lint", "true", {});
  pipeline.add_job("test", "true", after("build"));
  pipeline.begin_stage("Deploy", {});
  pipeline.add_job("push", "true", {});
  pipeline.end_stage();
  mock.script("build", {.outcome = Exited{3}});
  EXPECT_EQ(run(pipeline, mock), Status::failed);
  EXPECT_EQ(status_of_job("build"), Status::failed);
  EXPECT_EQ(status_of_job("lint"), Status::passed);
  EXPECT_EQ(status_of_job("test"), Status::skipped);
  EXPECT_EQ(status_of_job("push"), Status::skipped);
  EXPECT_EQ(states["build"].outcome, Outcome(Exited{3}));
}

TEST_F(EngineTest, RunsJobsOfAStageAtOnce) {
  Pipeline pipeline;
  for (const char* name : {"a", "b", "c"}) {
    pipeline.add_job(name, "true", {});
    mock.script(name, {.duration = 10s});
  }
  run(pipeline, mock);
  for (const MockRun& job : mock.runs()) EXPECT_EQ(job.start, 0s) << job.job;
}

TEST_F(EngineTest, RunsNoMoreAtOnceThanAllowed) {
  Pipeline pipeline;
  for (const char* name : {"a", "b", "c"}) {
    pipeline.add_job(name, "true", {});
    mock.script(name, {.duration = 10s});
  }
  run(pipeline, mock, 2);
  ASSERT_EQ(mock.runs().size(), 3u);
  EXPECT_EQ(mock.runs()[1].start, 0s);
  EXPECT_EQ(mock.runs()[2].start, 10s);
}

TEST_F(EngineTest, DoesNotCountServicesAgainstTheLimit) {
  Pipeline pipeline;
  pipeline.add_job("db", "serve", service());
  pipeline.add_job("test", "true", after("db"));
  EXPECT_EQ(run(pipeline, mock, 1), Status::passed);
}

TEST_F(EngineTest, StopsServicesWhenAllElseHasEnded) {
  Pipeline pipeline;
  pipeline.add_job("db", "serve", service());
  pipeline.add_job("test", "true", after("db"));
  mock.script("test", {.duration = 5s});
  EXPECT_EQ(run(pipeline, mock), Status::passed);
  EXPECT_EQ(diary.lines,
            (std::vector<std::string>{"run started", "db started", "db up", "test started",
                                      "test PASSED", "db PASSED", "run PASSED"}));
  EXPECT_EQ(mock.runs()[0].end, 5s);
}

TEST_F(EngineTest, FailsWhenAServiceDies) {
  Pipeline pipeline;
  pipeline.add_job("db", "serve", service());
  pipeline.add_job("test", "true", after("db"));
  pipeline.begin_stage("Later", {});
  pipeline.add_job("deploy", "true", {});
  pipeline.end_stage();
  mock.script("db", {.outcome = Exited{1}, .dies_after = 2s});
  mock.script("test", {.duration = 5s});
  EXPECT_EQ(run(pipeline, mock), Status::failed);
  EXPECT_EQ(status_of_job("db"), Status::failed);
  EXPECT_EQ(status_of_job("test"), Status::passed);
  EXPECT_EQ(status_of_job("deploy"), Status::skipped);
}

TEST_F(EngineTest, ReportsHowLongAJobTookAndWhatItReported) {
  Pipeline pipeline;
  pipeline.add_job("a", "true", {});
  mock.script("a", {.duration = 90s, .report = "Cov: 65%"});
  run(pipeline, mock);
  EXPECT_EQ(states["a"].took, Nanoseconds(90s));
  EXPECT_EQ(states["a"].report, "Cov: 65%");
}

TEST_F(EngineTest, RemembersTheOrderOfStarts) {
  const Pipeline pipeline = test::graph("x y<x z<y");
  run(pipeline, mock);
  EXPECT_EQ(mock.execution_order(), (std::vector<std::string>{"x", "y", "z"}));
}

TEST_F(EngineTest, SkipsEverythingWhenTheExecutorCannotBeOpened) {
  Pipeline pipeline;
  pipeline.add_job("a", "true", {});
  mock.fail_open("no engine answers");
  Engine engine(pipeline, mock, {}, 0);
  engine.observe(diary);
  EXPECT_THROW(engine.run(), TriggerFailed);
  EXPECT_EQ(diary.lines, (std::vector<std::string>{"run started", "a SKIPPED", "run FAILED"}));
}

/// Runs jobs that last until they are told to stop, and does with the signal what a test wants.
class Stubborn final : public Executor {
 public:
  std::string_view name() const override { return "stubborn"; }
  Awaitable<> open(const RunContext&) override {
    if (!on_open) co_return;
    on_open();
    boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                    boost::asio::steady_timer::time_point::max());
    co_await never.async_wait(boost::asio::use_awaitable);
  }
  Awaitable<JobResult> run(const Job& job, JobSink& sink, StopSignal& stop) override {
    boost::asio::steady_timer ended(co_await boost::asio::this_coro::executor,
                                    boost::asio::steady_timer::time_point::max());
    stop.listen([&](StopLevel level) {
      levels.push_back(level);
      if (level == StopLevel::kill || !ignores_stop) ended.cancel();
    });
    sink.started("1");
    if (job.is_service()) sink.ready();
    if (on_start) on_start();
    boost::system::error_code stopped;
    co_await ended.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, stopped));
    if (throws) throw std::runtime_error("the socket is gone");
    co_return JobResult{Cancelled{}};
  }
  Awaitable<> close() override {
    closed = true;
    co_return;
  }
  void check(const Job& job) const override {
    if (job.name == "impossible") throw BadConfig("job `impossible` cannot run here");
  }

  std::function<void()> on_open;  // which then takes for ever
  std::function<void()> on_start;
  bool ignores_stop = false;
  bool throws = false;
  bool closed = false;
  std::vector<StopLevel> levels;
};

TEST_F(EngineTest, StopsAJobThatTakesLongerThanItsTimeout) {
  Pipeline pipeline;
  pipeline.add_job("slow", "sleep", within(5ms));
  pipeline.add_job("after", "true", after("slow"));
  Stubborn executor;
  EXPECT_EQ(run(pipeline, executor), Status::timeout);
  EXPECT_EQ(status_of_job("slow"), Status::timeout);
  EXPECT_EQ(states["slow"].outcome, Outcome(TimedOut{}));
  EXPECT_EQ(status_of_job("after"), Status::skipped);
}

TEST_F(EngineTest, DoesNotWaitForTheExecutorToOpenWhenTheUserWantsTheEnd) {
  Pipeline pipeline;
  pipeline.add_job("a", "sleep", {});
  Stubborn executor;
  executor.on_open = [] { ::raise(SIGINT); };
  run(pipeline, executor);
  EXPECT_TRUE(interrupted);
  EXPECT_EQ(status_of_job("a"), Status::skipped);
  EXPECT_TRUE(executor.closed);
}

TEST_F(EngineTest, StopsJobsAtTheFirstInterruptAndStillClosesTheExecutor) {
  Pipeline pipeline;
  pipeline.add_job("a", "sleep", {});
  pipeline.add_job("b", "true", after("a"));
  Stubborn executor;
  executor.on_start = [] { ::raise(SIGINT); };
  EXPECT_EQ(run(pipeline, executor), Status::cancelled);
  EXPECT_TRUE(interrupted);
  EXPECT_EQ(status_of_job("a"), Status::cancelled);
  EXPECT_EQ(status_of_job("b"), Status::skipped);
  EXPECT_EQ(executor.levels, (std::vector{StopLevel::stop}));
  EXPECT_TRUE(executor.closed);
}

TEST_F(EngineTest, HearsOfAnInterruptBeforeAllOfThousandsOfReadyJobsHaveStarted) {
  Pipeline pipeline;
  for (int i = 0; i < 10'000; ++i) pipeline.add_job("j" + std::to_string(i), "true", {});
  diary.on_finished = [](const Job& job) {
    if (job.id == 0) ::raise(SIGINT);
  };
  EXPECT_EQ(run(pipeline, mock), Status::cancelled);
  EXPECT_LT(mock.runs().size(), 5'000u);
  EXPECT_EQ(status_of_job("j0"), Status::passed);
  EXPECT_EQ(status_of_job("j9999"), Status::skipped);
}

TEST_F(EngineTest, KillsJobsAtTheSecondInterrupt) {
  Pipeline pipeline;
  pipeline.add_job("a", "sleep", {});
  pipeline.add_job("b", "true", after("a"));
  Stubborn executor;
  executor.ignores_stop = true;
  executor.on_start = [] { ::raise(SIGTERM); };
  diary.on_finished = [](const Job& job) {
    if (job.name == "b") ::raise(SIGTERM);  // b is skipped at the first one
  };
  run(pipeline, executor);
  EXPECT_EQ(executor.levels, (std::vector{StopLevel::stop, StopLevel::kill}));
}

/// Starts what is promised to follow a job as soon as that one has passed, before the engine asks for it.
class Eager final : public Executor {
 public:
  std::string_view name() const override { return "eager"; }
  Awaitable<> open(const RunContext& its_context) override {
    context = its_context;
    co_return;
  }
  Awaitable<JobResult> run(const Job& job, JobSink& sink, StopSignal& stop) override {
    asked.push_back(job.name);
    sink.started("1");
    const Job* next = context.promise_next(job);
    if (next != nullptr) promised.push_back(next->name);
    if (on_run) on_run(job);
    // Lets the loop hear of signals.
    boost::asio::steady_timer soon(co_await boost::asio::this_coro::executor, 1ms);
    co_await soon.async_wait(boost::asio::use_awaitable);
    // This job's end came before anybody could stop it.
    if (next != nullptr) co_return JobResult{Exited{exit_code}};
    if (stop.level() != StopLevel::none) co_return JobResult{Cancelled{}};
    co_return JobResult{Exited{0}};
  }
  Awaitable<> close() override { co_return; }

  RunContext context;
  std::function<void(const Job&)> on_run;
  int exit_code = 0;
  std::vector<std::string> asked;
  std::vector<std::string> promised;
};

TEST_F(EngineTest, AsksForAPromisedJobAtOnce) {
  Eager executor;
  EXPECT_EQ(run(test::graph("a b<a c<b"), executor, 1), Status::passed);
  EXPECT_EQ(executor.promised, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(executor.asked, (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(EngineTest, AsksForAPromisedJobThoughTheUserWantsTheEndAndStopsIt) {
  Eager executor;
  executor.on_run = [](const Job& job) {
    if (job.name == "a") ::raise(SIGINT);
  };
  EXPECT_EQ(run(test::graph("a b<a c<b"), executor), Status::cancelled);
  EXPECT_EQ(executor.asked, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(status_of_job("a"), Status::passed);
  EXPECT_EQ(status_of_job("b"), Status::cancelled);
  EXPECT_EQ(status_of_job("c"), Status::skipped);
}

TEST_F(EngineTest, DoesNotAskForAPromisedJobAfterOneThatFailed) {
  Eager executor;
  executor.exit_code = 1;
  EXPECT_EQ(run(test::graph("a b<a"), executor), Status::failed);
  EXPECT_EQ(executor.asked, (std::vector<std::string>{"a"}));
  EXPECT_EQ(status_of_job("b"), Status::skipped);
}

TEST_F(EngineTest, PromisesNothingWhereFilesOfAJobAreReadAfterItsEnd) {
  Pipeline pipeline;
  JobOptions tests;
  tests.settings.junit = {"results.xml"};
  pipeline.add_job("a", "true", tests);
  pipeline.add_job("b", "true", after("a"));
  Eager executor;
  run(pipeline, executor);
  EXPECT_TRUE(executor.promised.empty());
}

int g_handled = 0;

TEST_F(EngineTest, PutsTheSignalHandlersOfItsProcessBack) {
  struct sigaction mine{}, before{};
  mine.sa_handler = [](int) { ++g_handled; };
  sigaction(SIGINT, &mine, &before);
  run(test::graph("a"), mock);
  ::raise(SIGINT);
  sigaction(SIGINT, &before, nullptr);
  EXPECT_EQ(g_handled, 1);
}

TEST_F(EngineTest, LosesAJobWhoseExecutorThrowsButGoesOn) {
  Pipeline pipeline;
  pipeline.add_job("a", "x", within(5ms));
  Stubborn executor;
  executor.throws = true;
  EXPECT_EQ(run(pipeline, executor), Status::failed);
  EXPECT_EQ(states["a"].outcome, Outcome(Lost{"the socket is gone"}));
}

TEST_F(EngineTest, StartsNothingIfOneJobCanNeverRun) {
  Pipeline pipeline;
  pipeline.add_job("a", "x", {});
  pipeline.add_job("impossible", "x", {});
  Stubborn executor;
  EXPECT_THROW(run(pipeline, executor), BadConfig);
  EXPECT_EQ(diary.lines, std::vector<std::string>{});
}

TEST_F(EngineTest, LetsOtherThreadsLookWhileItRuns) {
  Pipeline pipeline;
  for (int i = 0; i < 2000; ++i) pipeline.add_job("job" + std::to_string(i), "x", {});
  Engine engine(pipeline, mock, {}, 0);
  std::jthread looker([&engine](const std::stop_token& stop) {
    while (!stop.stop_requested())
      engine.look_at_states([](const JobStates& all) { EXPECT_EQ(all.size(), 2000u); });
  });
  EXPECT_EQ(engine.run(), Status::passed);
}

TEST_F(EngineTest, IsTidiedUpThoughAnObserverStillWaitsForSomething) {
  const Pipeline pipeline = test::graph("x");
  Engine engine(pipeline, mock, {}, 0);
  boost::asio::steady_timer timer(engine.loop(), std::chrono::hours(1));
  timer.async_wait([](const boost::system::error_code&) {});
  EXPECT_EQ(engine.run(), Status::passed);
  EXPECT_EQ(engine.tidy(), std::vector<std::string>{});
}

TEST_F(EngineTest, TellsAndKeepsNoSecret) {
  Pipeline pipeline;
  pipeline.add_job("a", "x", {});
  mock.script(
      "a",
      {.output = {{Stream::out, "hunt"}, {Stream::err, "hunter2 hunte"}, {Stream::out, "er2!"}},
       .report = "pass hunter2"});
  const Masker secrets({"hunter2"});
  Engine engine(pipeline, mock, {}, 0);
  engine.mask(secrets);
  engine.observe(diary);
  EXPECT_EQ(engine.run(), Status::passed);
  EXPECT_EQ(diary.lines, (std::vector<std::string>{"run started", "a started", "a said ******** ",
                                                   "a said ********!", "a said hunte", "a PASSED",
                                                   "run PASSED"}));
  EXPECT_EQ(engine.state_of(0).report, "pass ********");
}

/// Has something to say in each part of a run.
class Talkative final : public Executor {
 public:
  std::string_view name() const override { return "talkative"; }
  Awaitable<> open(const RunContext& context) override {
    warn_ = context.warn;
    warn_("the password is hunter2");
    co_return;
  }
  Awaitable<JobResult> run(const Job&, JobSink&, StopSignal&) override { co_return JobResult{}; }
  Awaitable<> close() override { co_return; }
  Awaitable<std::vector<std::string>> tidy() override {
    warn_("too late");
    co_return std::vector<std::string>();
  }

 private:
  std::function<void(std::string_view)> warn_;
};

TEST_F(EngineTest, TellsWhatTheExecutorWarnsOfWhileTheRunGoesOn) {
  const Pipeline pipeline;
  const Masker secrets({"hunter2"});
  Talkative executor;
  Engine engine(pipeline, executor, {}, 0);
  engine.observe(diary);
  engine.mask(secrets);
  engine.run();
  engine.tidy();
  EXPECT_EQ(diary.lines, (std::vector<std::string>{
                             "run started", "warning the password is ********", "run PASSED"}));
}

TEST_F(EngineTest, DoesNotWaitForTimersOfObservers) {
  const Pipeline pipeline = test::graph("a");
  Engine engine(pipeline, mock, {}, 0);
  boost::asio::steady_timer timer(engine.loop(), 1h);
  timer.async_wait([](const boost::system::error_code&) {});
  EXPECT_EQ(engine.run(), Status::passed);
}

}  // namespace
}  // namespace jci
