// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "jci/util/async.hpp"
#include "jci/util/fd.hpp"

namespace jci {

/// A program that runs beside us and never outlives us: its input ends and it is killed when we die, in whatever way. It has a session of
/// its own, so neither does the terminal's Ctrl-C reach it nor can it ask anybody there.
class Companion {
 public:
  struct Program {
    std::filesystem::path path;
    std::vector<std::string> arguments;  ///< the first is its name
    std::vector<std::string> variables;  ///< "NAME=value", beside our environment
    std::filesystem::path errors;        ///< the file that its standard error is appended to
  };

  /// To be called by a thread that lives as long as the program is wanted. Throws std::system_error.
  Companion(const boost::asio::any_io_executor& executor, const Program& program);
  /// Kills it, and what it started in its session.
  ~Companion();
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  /// What it gets to read, at most 16 KiB; more may follow.
  void tell(std::string_view text);
  /// The next bytes of its standard output; empty at the end, which is its own. May be cancelled.
  Awaitable<std::string> hear();
  /// Waits for its end, which its output has told of already. The exit code; 128 + N where signal N killed it.
  int wait();

 private:
  Fd input_;
  boost::asio::posix::stream_descriptor output_;
  pid_t process_;
};

}  // namespace jci
