// SPDX-License-Identifier: MIT
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "jci/views/progress.hpp"
#include "terminal.hpp"
#include "told_run.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;

/// What the end of a run looks like on a terminal of this kind.
std::string end_of_run(const char* term) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  ::setenv("TERM", term, 1);
  const testing::Terminal terminal;
  boost::asio::io_context loop;
  const auto view = make_progress_view(loop.get_executor(), terminal.fd());
  testing::ToldRun run(*view);
  run.start();
  run.ended("Black", Exited{0}, 3s);
  run.finish(Status::passed, 3s);
  return terminal.sent();
}

TEST(ProgressView, IsLiveOnATerminal) {
  EXPECT_EQ(end_of_run("xterm-256color"), "\r🟢 Black              0: 3\x1B[K\r\n\x1B[J");
}

TEST(ProgressView, IsLinesOnATerminalThatCannotMoveItsCursor) {
  const std::string lines =
      "12:03:04 run       k3j90x2v1a: 5 jobs of edcb193bae (main), executor shell\r\n"
      "12:03:04 passed    Black 0: 3\r\n"
      "12:03:04 finished  passed in 3.0 s: 1 passed\r\n";
  EXPECT_EQ(end_of_run("dumb"), lines);
  EXPECT_EQ(end_of_run(""), lines);
}

}  // namespace
}  // namespace jci
