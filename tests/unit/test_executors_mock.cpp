// SPDX-License-Identifier: MIT
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>

#include "graph.hpp"
#include "jci/core/errors.hpp"
#include "jci/executors/mock.hpp"

namespace jci {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Drives an executor the way an engine does, and writes down what it hears, in order: "a started", "a out hello", ...
class Driver {
 public:
  explicit Driver(MockExecutor& its_executor, std::string_view drawing = "")
      : executor(its_executor), pipeline(test::graph(drawing)) {}

  void open() { wait_for(executor.open({})); }
  void close() { wait_for(executor.close()); }

  /// Starts a job; `then` is called when it has ended.
  void start(const std::string& name, std::function<void()> then = [] {}) {
    const Job& job = *pipeline.find_job(name);
    auto& sink = *sinks_.emplace_back(std::make_unique<Sink>(*this, name));
    asio::co_spawn(io, executor.run(job, sink, stops[name]),
                   [this, name, then](const std::exception_ptr& error, JobResult result) {
                     if (error) errors.push_back(error);
                     if (!error) heard.push_back(name + " " + describe(result.outcome));
                     results[name] = std::move(result);
                     then();
                   });
  }
  void go() {
    io.restart();
    io.run();
    if (!errors.empty()) std::rethrow_exception(errors.front());
  }
  void run(const std::vector<std::string>& names) {
    open();
    for (const auto& name : names) start(name);
    go();
  }

  MockExecutor& executor;
  Pipeline pipeline;
  asio::io_context io{1};
  std::map<std::string, StopSignal> stops;
  std::map<std::string, JobResult> results;
  std::vector<std::string> heard;
  std::vector<std::exception_ptr> errors;
  std::function<void(const std::string&)> on_ready = [](const std::string&) {};

 private:
  struct Sink final : JobSink {
    Sink(Driver& its_driver, std::string its_name)
        : driver(its_driver), name(std::move(its_name)) {}
    void started(std::string_view run_id) override { hear("started " + std::string(run_id)); }
    void ready() override {
      hear("ready");
      driver.on_ready(name);
    }
    void output(Stream stream, std::string_view bytes) override {
      hear((stream == Stream::out ? "out " : "err ") + std::string(bytes));
    }
    void hear(const std::string& what) { driver.heard.push_back(name + " " + what); }
    Driver& driver;
    std::string name;
  };

  void wait_for(Awaitable<> call) {
    asio::co_spawn(io, std::move(call), [this](const std::exception_ptr& error) {
      if (error) errors.push_back(error);
    });
    go();
  }

  std::vector<std::unique_ptr<Sink>> sinks_;
};

using Heard = std::vector<std::string>;
using Runs = std::vector<MockRun>;

template <class Error>
std::string complaint(auto mistake) {
  try {
    mistake();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

MockScript lasts(Nanoseconds duration, Outcome outcome = Exited{0}) {
  return {.outcome = std::move(outcome), .duration = duration};
}

TEST(MockExecutor, PassesAtOnceWithoutAScript) {
  MockExecutor executor;
  Driver driver(executor, "a");
  driver.run({"a"});
  EXPECT_EQ(driver.heard, (Heard{"a started mock-1", "a exit code 0"}));
  EXPECT_EQ(driver.results["a"].took, 0ns);
  EXPECT_EQ(executor.runs(), (Runs{{"a", 0s, 0s, Exited{0}}}));
}

TEST(MockExecutor, DoesAsScripted) {
  MockExecutor executor;
  executor.script("a: b", {.outcome = Exited{3},
                           .duration = 2s,
                           .output = {{Stream::out, "hello"}, {Stream::err, "\xFF"}},
                           .report = std::string(300, 'x')});
  Driver driver(executor);
  driver.pipeline.add_job("a: b", "true", {});
  driver.run({"a--b"});
  EXPECT_EQ(driver.heard,
            (Heard{"a--b started mock-1", "a--b out hello", "a--b err \xFF", "a--b exit code 3"}));
  EXPECT_EQ(driver.results["a--b"].took, 2s);
  EXPECT_EQ(driver.results["a--b"].report, std::string(k_report_bytes, 'x'));
}

TEST(MockExecutor, EndsJobsInTheOrderOfTheirVirtualEnds) {
  MockExecutor executor;
  executor.script("slow", lasts(15min));
  executor.script("quick", lasts(1s));
  executor.script("even", lasts(1s));
  Driver driver(executor, "slow quick even none");
  driver.run({"slow", "quick", "even", "none"});
  EXPECT_EQ(
      Heard(driver.heard.end() - 4, driver.heard.end()),
      (Heard{"none exit code 0", "quick exit code 0", "even exit code 0", "slow exit code 0"}));
  EXPECT_EQ(executor.runs(), (Runs{{"slow", 0s, 15min, Exited{0}},
                                   {"quick", 0s, 1s, Exited{0}},
                                   {"even", 0s, 1s, Exited{0}},
                                   {"none", 0s, 0s, Exited{0}}}));
}

TEST(MockExecutor, StartsAJobAtTheTimeTheOneBeforeItEnded) {
  MockExecutor executor;
  executor.script("a", lasts(2s));
  executor.script("b", lasts(3s));
  executor.script("other", lasts(4s));
  Driver driver(executor, "a b other");
  driver.open();
  driver.start("other");
  driver.start("a", [&] { driver.start("b"); });
  driver.go();
  EXPECT_EQ(
      executor.runs(),
      (Runs{{"other", 0s, 4s, Exited{0}}, {"a", 0s, 2s, Exited{0}}, {"b", 2s, 5s, Exited{0}}}));
}

TEST(MockExecutor, LetsNoTimePassWhileJobsWithoutDurationFollowEachOther) {
  MockExecutor executor;
  executor.script("long", lasts(1s));
  Driver driver(executor, "long j0 j1 j2 j3 j4 j5 j6 j7 j8 j9");
  driver.open();
  driver.start("long");
  std::function<void(int)> start_chain = [&](int i) {
    if (i < 10) driver.start("j" + std::to_string(i), [&, i] { start_chain(i + 1); });
  };
  start_chain(0);
  driver.go();
  EXPECT_EQ(executor.runs().back(), (MockRun{"j9", 0s, 0s, Exited{0}}));
}

TEST(MockExecutor, LetsPendingHandlersRunBeforeTimePasses) {
  MockExecutor executor;
  executor.script("a", lasts(1s));
  executor.script("b", lasts(1s));
  Driver driver(executor, "a b");
  driver.open();
  driver.start("a");
  std::function<void(int)> post_row = [&](int length) {
    if (length == 0) return driver.start("b");
    asio::post(driver.io, [&, length] { post_row(length - 1); });
  };
  post_row(100);
  driver.go();
  EXPECT_EQ(executor.runs().back(), (MockRun{"b", 0s, 1s, Exited{0}}));
}

TEST(MockExecutor, TimesOutAJobThatIsScriptedToTakeLonger) {
  MockExecutor executor;
  executor.script("a", lasts(901s));
  executor.script("b", lasts(900s));
  Driver driver(executor, "a b");
  driver.run({"a", "b"});
  EXPECT_EQ(executor.runs(), (Runs{{"a", 0s, 900s, TimedOut{}}, {"b", 0s, 900s, Exited{0}}}));
}

TEST(MockExecutor, NeverTellsThatAJobStartedThatCouldNot) {
  MockExecutor executor;
  executor.script("a", lasts(0s, CouldNotStart{"no such image"}));
  Driver driver(executor, "a");
  driver.run({"a"});
  EXPECT_EQ(driver.heard, (Heard{"a could not start: no such image"}));
}

TEST(MockExecutor, RunsAServiceUntilItIsStopped) {
  MockExecutor executor;
  executor.script("db", {.ready_after = 2s});
  executor.script("test", lasts(5s));
  Driver driver(executor, "db* test");
  driver.open();
  driver.on_ready = [&](const std::string&) {
    driver.start("test", [&] { driver.stops["db"].raise(StopLevel::stop); });
  };
  driver.start("db");
  driver.go();
  EXPECT_EQ(driver.heard, (Heard{"db started mock-1", "db ready", "test started mock-2",
                                 "test exit code 0", "db cancelled"}));
  EXPECT_EQ(executor.runs(), (Runs{{"db", 0s, 7s, Cancelled{}}, {"test", 2s, 7s, Exited{0}}}));
}

TEST(MockExecutor, LetsAServiceDie) {
  MockExecutor executor;
  executor.script("db", {.outcome = Exited{1}, .ready_after = 1s, .dies_after = 3s});
  Driver driver(executor, "db*");
  driver.run({"db"});
  EXPECT_EQ(driver.heard, (Heard{"db started mock-1", "db ready", "db exit code 1"}));
  EXPECT_EQ(driver.results["db"].took, 3s);
}

TEST(MockExecutor, KeepsAServiceThatFailsAtOnceFromBeingReady) {
  MockExecutor executor;
  executor.script("db", lasts(0s, Exited{1}));
  Driver driver(executor, "db*");
  driver.run({"db"});
  EXPECT_EQ(driver.heard, (Heard{"db started mock-1", "db exit code 1"}));
}

TEST(MockExecutor, StopsAJobWhenToldTo) {
  MockExecutor executor;
  executor.script("a", lasts(10s));
  executor.script("b", lasts(4s));
  Driver driver(executor, "a b");
  driver.open();
  driver.start("a");
  driver.start("b", [&] { driver.stops["a"].raise(StopLevel::kill); });
  driver.go();
  EXPECT_EQ(executor.runs(), (Runs{{"a", 0s, 4s, Cancelled{}}, {"b", 0s, 4s, Exited{0}}}));
}

TEST(MockExecutor, StopsAJobThatWasToldToBeforeItStarted) {
  MockExecutor executor;
  executor.script("a", lasts(10s));
  executor.script("db", {.ready_after = 1s});
  Driver driver(executor, "a db*");
  driver.stops["a"].raise(StopLevel::stop);
  driver.stops["db"].raise(StopLevel::stop);
  driver.run({"a", "db"});
  EXPECT_EQ(driver.heard,
            (Heard{"a started mock-1", "db started mock-2", "a cancelled", "db cancelled"}));
}

TEST(MockExecutor, DoesNotReturnFromWithinTheStopSignal) {
  MockExecutor executor;
  executor.script("a", lasts(10s));
  Driver driver(executor, "a b");
  driver.open();
  driver.start("a");
  driver.start("b", [&] {
    driver.stops["a"].raise(StopLevel::stop);
    EXPECT_FALSE(driver.results.contains("a"));
    driver.stops["a"].raise(StopLevel::kill);
  });
  driver.go();
  EXPECT_EQ(driver.heard.back(), "a cancelled");
}

TEST(MockExecutor, BeginsAnewWithEachOpen) {
  MockExecutor executor;
  executor.script("a", lasts(2s));
  Driver driver(executor, "a");
  driver.run({"a"});
  driver.close();
  driver.run({"a"});
  driver.close();
  EXPECT_EQ(executor.runs(), (Runs{{"a", 0s, 2s, Exited{0}}}));
  Driver elsewhere(executor, "a");
  elsewhere.run({"a"});
  EXPECT_EQ(executor.runs(), (Runs{{"a", 0s, 2s, Exited{0}}}));
}

TEST(MockExecutor, CanFailToOpen) {
  MockExecutor executor;
  executor.fail_open("no engine answers");
  Driver driver(executor);
  EXPECT_EQ(complaint<TriggerFailed>([&] { driver.open(); }), "no engine answers");
  driver.errors.clear();
  driver.close();
  driver.open();
}

TEST(MockExecutor, ComplainsAboutCallsOutOfOrder) {
  const auto complaint_of = [](auto calls) {
    MockExecutor executor;
    executor.script("db", {});
    Driver driver(executor, "a db*");
    return complaint<std::logic_error>([&] { calls(driver); });
  };
  EXPECT_EQ(complaint_of([](Driver& driver) {
              driver.start("a");
              driver.go();
            }),
            "MockExecutor: `run(a)` is called though it is not open");
  EXPECT_EQ(complaint_of([](Driver& driver) {
              driver.open();
              driver.open();
            }),
            "MockExecutor: `open` is called twice without `close` in between");
  EXPECT_EQ(complaint_of([](Driver& driver) {
              driver.run({"a"});
              driver.start("a");
              driver.go();
            }),
            "MockExecutor: `run(a)` is called twice in one run");
  EXPECT_EQ(complaint_of([](Driver& driver) { driver.close(); }),
            "MockExecutor: `close` is called though it is not open");
  EXPECT_EQ(complaint_of([](Driver& driver) {
              driver.open();
              driver.close();
              driver.close();
            }),
            "MockExecutor: `close` is called though it is not open");
}

TEST(MockExecutor, ComplainsAboutACloseWhileJobsRun) {
  MockExecutor executor;
  Driver driver(executor, "db*");
  driver.open();
  driver.on_ready = [&](const std::string&) {
    asio::co_spawn(driver.io, executor.close(), [&](const std::exception_ptr& error) {
      driver.errors.push_back(error);
      driver.stops["db"].raise(StopLevel::stop);
    });
  };
  driver.start("db");
  EXPECT_EQ(complaint<std::logic_error>([&] { driver.go(); }),
            "MockExecutor: `close` is called while jobs run");
}

TEST(MockExecutor, LeavesNothingBehindWhenTheLoopIsGivenUp) {
  MockExecutor executor;
  Driver driver(executor, "db*");
  driver.open();
  driver.on_ready = [&](const std::string&) { driver.io.stop(); };
  driver.start("db");
  driver.go();  // the sanitizers see what the io_context leaves behind when it goes
}

}  // namespace
}  // namespace jci
