// SPDX-License-Identifier: MIT
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "jci/util/companion.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/files.hpp"
#include "temporary_directory.hpp"

namespace jci {
namespace {

namespace asio = boost::asio;

class Companions : public testing::Test {
 protected:
  Companion::Program shell(std::string script) const {
    return {.path = "/bin/sh",
            .arguments = {"sh", "-c", std::move(script)},
            .variables = {"SET=by us"},
            .errors = files_.path() / "errors"};
  }
  std::string errors() const { return contents_of(files_.path() / "errors"); }
  std::string hear(Companion& companion) {
    context_.restart();
    auto piece = asio::co_spawn(context_, companion.hear(), asio::use_future);
    context_.run();
    return piece.get();
  }
  std::string hear_all(Companion& companion) {
    std::string all;
    for (std::string piece; !(piece = hear(companion)).empty();) all += piece;
    return all;
  }
  /// A line.
  std::string hear_line(Companion& companion) {
    std::string line;
    while (!line.ends_with('\n')) {
      const std::string piece = hear(companion);
      if (piece.empty()) throw std::runtime_error("it ended before its line did");
      line += piece;
    }
    line.pop_back();
    return line;
  }

  asio::io_context context_;
  TemporaryDirectory files_;
};

/// Tells of the end of any process, also of one that is not ours to wait for. See pidfd_open(2).
Fd watch(pid_t process) { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))); }

bool ends_within(const Fd& watched, int milliseconds) {
  pollfd ended{.fd = watched.get(), .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, milliseconds) == 1;
}

TEST_F(Companions, AreToldAndHeard) {
  Companion companion(context_.get_executor(),
                      shell("read -r line; echo \"$SET $line\"; echo wrong >&2; exit 3"));
  companion.tell("hello\n");
  EXPECT_EQ(hear_all(companion), "by us hello\n");
  EXPECT_EQ(companion.wait(), 3);
  EXPECT_EQ(errors(), "wrong\n");
}

TEST_F(Companions, HaveNoTerminalToAskAt) {
  Companion companion(context_.get_executor(), shell("(exec </dev/tty) 2>/dev/null || echo none"));
  EXPECT_EQ(hear_all(companion), "none\n");
}

TEST_F(Companions, EndWithWhatTheyStarted) {
  Fd child;
  {
    Companion companion(context_.get_executor(), shell("sleep 1000 & echo $!; wait"));
    child = watch(std::stoi(hear_line(companion)));
    ASSERT_TRUE(child);
    EXPECT_FALSE(ends_within(child, 0));
  }
  EXPECT_TRUE(ends_within(child, 10'000));
}

TEST_F(Companions, DieWithAProcessThatIsKilled) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t killed = ::fork();
  if (killed == 0) {
    asio::io_context own;
    Companion companion(own.get_executor(), shell("exec sleep 1000"));
    [[maybe_unused]] const auto told = ::write(ends[1], "x", 1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ends[0], &byte, 1), 1);
  ::kill(killed, SIGKILL);
  ::waitpid(killed, nullptr, 0);
  ::close(ends[1]);
  // The pipe is nobody's any more when the sleeper, which has inherited it, is gone too.
  EXPECT_EQ(::read(ends[0], &byte, 1), 0);
  ::close(ends[0]);
}

TEST_F(Companions, ThatCannotStartSaySo) {
  Companion::Program program = shell("");
  program.path = files_.path() / "none";
  EXPECT_THROW(Companion(context_.get_executor(), program), std::system_error);
}

TEST_F(Companions, MayBeToldMoreThanTheyHear) {
  Companion companion(context_.get_executor(), shell("exit 0"));
  EXPECT_EQ(hear_all(companion), "");
  companion.wait();
  companion.tell("nobody reads this");
}

}  // namespace
}  // namespace jci
