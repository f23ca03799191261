// SPDX-License-Identifier: MIT
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jci/util/text.hpp"
#include "jci/views/live.hpp"
#include "terminal.hpp"
#include "told_run.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;
using testing::Terminal;
using testing::ToldRun;

/// What a person sees, scrolled-off lines included: understands just what a view may send, and complains about all else.
class Screen {
 public:
  void feed(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) at += feed_one(bytes.substr(at));
  }

  std::string text() const {
    std::string all;
    for (const auto& line : lines_) all += line + "\n";
    while (all.ends_with("\n\n")) all.pop_back();
    return all == "\n" ? "" : all;
  }

 private:
  std::size_t feed_one(std::string_view rest) {
    if (rest.front() == '\x1B') return control_sequence(rest);
    if (rest.front() == '\r') {
      column_ = 0;
    } else if (rest.front() == '\n') {
      if (++row_ == lines_.size()) lines_.emplace_back();
    } else {
      put(rest.front());
    }
    return 1;
  }

  // Rows are drawn from their first column and erased behind their last: bytes do as columns.
  void put(char byte) {
    auto& line = lines_[row_];
    if (column_ == 0) line.clear();
    line += byte;
    ++column_;
  }

  std::size_t control_sequence(std::string_view rest) {
    const auto end = rest.find_first_of("AKJ");
    const auto number = rest.substr(2, end - 2);
    if (rest[end] == 'A') {
      row_ -= number.empty() ? 1 : std::stoul(std::string(number));
      column_ = 0;
    } else if (rest[end] == 'K') {
      if (column_ == 0) lines_[row_].clear();
    } else {
      if (column_ == 0) lines_[row_].clear();
      lines_.resize(row_ + 1);
    }
    return end + 1;
  }

  std::vector<std::string> lines_{""};
  std::size_t row_ = 0;
  std::size_t column_ = 0;
};

class LiveView : public ::testing::Test {
 protected:
  /// Lets the view draw what it has heard of, and looks.
  std::string seen() {
    loop.restart();
    while (loop.run_one() > 0) {
      const auto frame = terminal.sent();
      if (frame.empty()) continue;  // the timer that keeps frames apart
      screen.feed(frame);
      break;
    }
    return screen.text();
  }

  Terminal terminal;
  Screen screen;
  boost::asio::io_context loop;
  WallTime now;
  std::unique_ptr<Observer> view =
      make_live_view(loop.get_executor(), terminal.fd(), [this] { return now; });
  ToldRun run{*view};

  LiveView() { now = run.at; }
  void pass_time(std::chrono::seconds time) {
    run.pass_time(time);
    now += time;
  }
};

TEST_F(LiveView, ShowsRunningJobsBelowThoseThatEnded) {
  run.start();
  run.job_started("Black", "1");
  run.job_started("IntTest", "2");
  pass_time(3s);
  EXPECT_EQ(seen(),
            "🟡 Black              0: 3\n"
            "🟡 IntTest            0: 3\n"
            "2 running, 3 waiting 0: 3\n");

  run.ended("Black", Exited{0}, 3s);
  run.warning("log is full");
  pass_time(62s);
  EXPECT_EQ(seen(),
            "🟢 Black              0: 3\n"
            "warning: log is full\n"
            "🟡 IntTest            1: 5\n"
            "1 running, 3 waiting, 1 passed 1: 5\n");

  run.ended("IntTest", Exited{1}, 65s);
  run.skipped("FuzzTest");
  run.skipped("Publish");
  EXPECT_EQ(seen(),
            "🟢 Black              0: 3\n"
            "warning: log is full\n"
            "🔴 IntTest            1: 5 exit code 1\n"
            "⚪ FuzzTest                skipped: `IntTest` failed\n"
            "⚪ Publish                 skipped: `IntTest` failed\n"
            "0 running, 1 waiting, 1 passed, 1 failed, 2 skipped 1: 5\n");
}

TEST_F(LiveView, SaysWhatJobsWaitForUntilTheyStart) {
  run.start();
  run.job_waits("Black", "pulling image `python:3.11`");
  run.job_waits("IntTest", "pulling image `debian`");
  EXPECT_EQ(seen(),
            "Black: pulling image `python:3.11`\n"
            "0 running, 5 waiting 0: 0\n");
  run.job_waits("Black", "pulling image `python:3.11`: 3 of 12 MB");
  EXPECT_EQ(seen(),
            "Black: pulling image `python:3.11`: 3 of 12 MB\n"
            "0 running, 5 waiting 0: 0\n");
  run.job_started("Black", "1");
  EXPECT_EQ(seen(),
            "🟡 Black              0: 0\n"
            "IntTest: pulling image `debian`\n"
            "1 running, 4 waiting 0: 0\n");
  run.could_not_start("IntTest", "no such image");
  EXPECT_EQ(seen(),
            "🔴 IntTest                 could not start: no such image\n"
            "🟡 Black              0: 0\n"
            "1 running, 3 waiting, 1 failed 0: 0\n");
}

TEST_F(LiveView, CountsServicesThatAreUpAndShowsThemOnce) {
  run.start();
  run.job_started("Redis", "1");
  EXPECT_EQ(seen(),
            "🟡 Redis              0: 0\n"
            "1 running, 4 waiting 0: 0\n");
  run.service_up("Redis", 1s);
  run.job_started("Black", "2");
  EXPECT_EQ(seen(),
            "🟢 Redis              0: 1 service\n"
            "🟡 Black              0: 0\n"
            "1 running, 3 waiting, 1 service up 0: 0\n");
  run.ended("Redis", Cancelled{}, 9s);
  EXPECT_EQ(seen(),
            "🟢 Redis              0: 1 service\n"
            "🟡 Black              0: 0\n"
            "1 running, 3 waiting, 1 passed 0: 0\n");
}

TEST_F(LiveView, LeavesOnlyTheJobsThatEndedAndThenStaysQuiet) {
  run.start();
  run.job_started("Black", "1");
  EXPECT_NE(seen(), "");
  run.ended("Black", Exited{0}, 3s);
  run.finish(Status::passed, 3s);
  screen.feed(terminal.sent());
  EXPECT_EQ(screen.text(), "🟢 Black              0: 3\n");

  loop.restart();
  EXPECT_LE(loop.run(), 2U);  // what was cancelled
  EXPECT_EQ(terminal.sent(), "");
  run.warning("remote `git` failed");
  screen.feed(terminal.sent());
  EXPECT_EQ(screen.text(),
            "🟢 Black              0: 3\n"
            "warning: remote `git` failed\n");
}

TEST_F(LiveView, RedrawsOnceASecondWhileSomethingRuns) {
  run.start();
  run.job_started("Black", "1");
  seen();
  pass_time(1s);
  EXPECT_EQ(seen(),
            "🟡 Black              0: 1\n"
            "1 running, 4 waiting 0: 1\n");
}

TEST_F(LiveView, RedrawsOnceASecondWhileAJobIsHeldUp) {
  run.start();
  run.job_waits("Black", "pulling image `python:3.11`");
  seen();
  pass_time(1s);
  EXPECT_EQ(seen(),
            "Black: pulling image `python:3.11`\n"
            "0 running, 5 waiting 0: 1\n");
}

TEST_F(LiveView, SetsNoTimerWhileNothingRuns) {
  run.start();
  seen();
  loop.restart();
  EXPECT_LE(loop.run(), 1U);  // the pause after the frame, and then nothing: this returns
  EXPECT_EQ(terminal.sent(), "");
}

TEST_F(LiveView, DrawsOneFrameForManyEventsAtOnce) {
  run.start();
  for (int i = 0; i < 20; ++i) {  // not more than a terminal holds unread
    run.job_started("Black", "1");
    run.output("Black", Stream::out, "not shown\n");
    run.ended("Black", Signaled{9}, 0s);
  }
  loop.run_one();
  const auto frame = terminal.sent();
  EXPECT_EQ(std::ranges::count(frame, 'J'), 1);  // a frame erases below at its end
}

TEST_F(LiveView, ShowsAsManyJobsAsFitAndCountsTheOthers) {
  for (int i = 0; i < 10; ++i) run.pipeline.add_job("More" + std::to_string(i), "x", {});
  terminal.resize(6, 80);
  run.start();
  for (int i = 0; i < 10; ++i) run.job_started("More" + std::to_string(i), "1");
  EXPECT_EQ(seen(),
            "🟡 More0              0: 0\n"
            "🟡 More1              0: 0\n"
            "... and 8 more\n"
            "10 running, 5 waiting 0: 0\n");
  terminal.resize(2, 80);
  run.job_started("Black", "1");
  EXPECT_EQ(seen(), "11 running, 4 waiting 0: 0\n");
}

TEST_F(LiveView, KeepsEveryRowNarrowerThanTheTerminal) {
  run.pipeline.add_job("A-name-that-is-longer-than-any-terminal-of-this-test", "x", {});
  for (const auto columns : std::to_array<unsigned short>({40, 20, 13, 5, 1})) {
    terminal.resize(24, columns);
    view = make_live_view(loop.get_executor(), terminal.fd(), [this] { return now; });
    ToldRun narrow(*view);
    narrow.pipeline.add_job("A-name-that-is-longer-than-any-terminal-of-this-test", "x", {});
    narrow.start();
    narrow.job_started("A-name-that-is-longer-than-any-terminal-of-this-test", "1");
    screen = Screen();
    const auto text = seen();
    for (std::size_t from = 0; from < text.size(); from = text.find('\n', from) + 1) {
      EXPECT_LT(display_width(text.substr(from, text.find('\n', from) - from)), columns) << text;
    }
  }
}

TEST_F(LiveView, GoesUpOverLinesThatANarrowerTerminalHasBroken) {
  run.start();
  run.job_started("Black", "1");
  seen();
  terminal.resize(24, 20);  // 25 columns of numbers, 26 of the job: two rows each
  run.job_started("IntTest", "1");
  loop.restart();
  std::string frame;
  while (frame.empty() && loop.run_one() > 0) frame = terminal.sent();
  EXPECT_EQ(frame.substr(0, 8), "\r\x1B[4A\x1B[J");
}

TEST_F(LiveView, NeverHidesTheCursorAndStaysAtTheBeginOfALine) {
  run.start();
  run.job_started("Black", "1");
  loop.run_one();
  const auto frame = terminal.sent();
  EXPECT_EQ(frame.find("\x1B[?25l"), frame.npos);
  EXPECT_TRUE(frame.ends_with("\r\n\x1B[J")) << frame;
}

TEST_F(LiveView, KeepsTheLastCharacterOfALineThatFillsItsRow) {
  run.start();
  run.warning(std::string(71, 'x'));  // behind "warning: "
  loop.run_one();
  EXPECT_EQ(terminal.sent(),
            "\rwarning: " + std::string(71, 'x') + "\r\n0 running, 5 waiting 0: 0\x1B[K\r\n\x1B[J");
}

TEST_F(LiveView, MayBeGivenUpWhileATimerIsSet) {
  run.start();
  run.job_started("Black", "1");
  view.reset();
  loop.poll();
  EXPECT_EQ(terminal.sent(), "");
}

}  // namespace
}  // namespace jci
