// SPDX-License-Identifier: MIT
#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "jci/views/lines.hpp"
#include "told_run.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;
using testing::ToldRun;
using testing::WrittenText;

class LinesView : public ::testing::Test {
 protected:
  LinesView() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  WrittenText written;
  boost::asio::io_context loop;
  std::unique_ptr<Observer> view = make_lines_view(loop.get_executor(), written.fd());
  ToldRun run{*view};
};

TEST_F(LinesView, TellsEachEventOnOneLine) {
  run.start();
  run.job_started("Redis", "4242");
  run.service_up("Redis", 1200ms);
  run.job_started("Black", "ffcda0a9f3b1");
  run.job_started("IntTest", "28d4985f0e77");
  run.output("IntTest", Stream::out, "not shown\n");
  run.pass_time(3s);
  run.ended("Black", Exited{0}, 3s);
  run.warning("log of `Black` could not be written:\n\x1B[31mno space left");
  run.pass_time(12s);
  run.ended("IntTest", Exited{1}, 15s);
  run.skipped("FuzzTest");
  run.skipped("Publish");
  run.ended("Redis", Cancelled{}, 15s);
  run.finish(Status::failed, 15250ms);
  EXPECT_EQ(written.text(),
            "12:03:04 run       k3j90x2v1a: 5 jobs of edcb193bae (main), executor shell\n"
            "12:03:04 started   Redis [4242]\n"
            "12:03:04 up        Redis 0: 1\n"
            "12:03:04 started   Black [ffcda0a9]\n"
            "12:03:04 started   IntTest [28d4985f]\n"
            "12:03:07 passed    Black 0: 3\n"
            "12:03:07 warning   log of `Black` could not be written: no space left\n"
            "12:03:19 failed    IntTest 0:15 exit code 1\n"
            "12:03:19 skipped   FuzzTest: `IntTest` failed\n"
            "12:03:19 skipped   Publish: `IntTest` failed\n"
            "12:03:19 passed    Redis 0:15\n"
            "12:03:19 finished  failed in 15.2 s: 2 passed, 1 failed, 2 skipped\n");
}

TEST_F(LinesView, SaysWhatAJobWaitsFor) {
  run.start();
  run.job_waits("Black", "pulling image `python:3.11`");
  run.pass_time(5s);
  run.job_waits("Black", "pulling image `python:3.11`: 3 of 12 MB\x1B[31m");
  run.job_started("Black", "ffcda0a9f3b1");
  loop.poll();
  EXPECT_EQ(written.text(),
            "12:03:04 run       k3j90x2v1a: 5 jobs of edcb193bae (main), executor shell\n"
            "12:03:04 waiting   Black: pulling image `python:3.11`\n"
            "12:03:09 waiting   Black: pulling image `python:3.11`: 3 of 12 MB\n"
            "12:03:09 started   Black [ffcda0a9]\n");
}

TEST_F(LinesView, SaysWhyAJobCouldNotStart) {
  run.info.sha.clear();
  run.info.branch.clear();
  run.start();
  run.could_not_start("Black", "no such program: `black`\nadd it to PATH");
  run.finish(Status::failed, 5ms);
  EXPECT_EQ(written.text(),
            "12:03:04 run       k3j90x2v1a: 5 jobs, executor shell\n"
            "12:03:04 failed    Black: could not start: no such program: `black` add it to PATH\n"
            "12:03:04 finished  failed in 5 ms: 1 failed\n");
}

TEST_F(LinesView, WritesWhatOneTurnOfTheLoopBroughtAtOnce) {
  run.start();
  run.job_started("Black", "1");
  EXPECT_EQ(written.text(), "");
  loop.poll();
  EXPECT_EQ(written.text(),
            "12:03:04 run       k3j90x2v1a: 5 jobs of edcb193bae (main), executor shell\n"
            "12:03:04 started   Black [1]\n");
}

TEST_F(LinesView, TellsAWarningThatComesAfterTheEnd) {
  run.finish(Status::passed, 1s);
  run.warning("remote `git` failed");
  EXPECT_EQ(written.text(),
            "12:03:04 finished  passed in 1.0 s\n"
            "12:03:04 warning   remote `git` failed\n");
}

TEST_F(LinesView, WritesWhatIsLeftWhenItIsGivenUp) {
  run.warning("last words");
  view.reset();
  loop.poll();
  EXPECT_EQ(written.text(), "12:03:04 warning   last words\n");
}

TEST_F(LinesView, GoesOnWithoutAReader) {
  std::signal(SIGPIPE, SIG_IGN);
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  ::close(pipe[0]);
  {
    const auto unread = make_lines_view(loop.get_executor(), pipe[1]);
    ToldRun unread_run(*unread);
    unread_run.start();
    loop.poll();
    unread_run.finish(Status::passed, 1s);
  }
  ::close(pipe[1]);
}

}  // namespace
}  // namespace jci
