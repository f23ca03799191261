// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "jci/util/fd.hpp"

namespace jci {

/// A program of ours at the other end of a socket (SOCK_STREAM), which it is told the number of. Its end is its own business: it sees the
/// socket close. Whoever started it reaps it (waitpid(2), or `leave_to_end`).
struct SideProcess {
  Fd socket;
  pid_t process = -1;
};

/// Starts `command` (found through PATH), the socket's number, and `arguments`. The program has a session of its own, so that a terminal's
/// Ctrl-C reaches us alone; nothing on its standard descriptors; signals as if nobody had touched them; as its environment `variables`
/// ("NAME=value"). Throws std::runtime_error naming the program, std::system_error where no socket can be made.
SideProcess start_beside(std::vector<std::string> command,
                         const std::vector<std::string>& arguments,
                         const std::vector<std::string>& variables);

/// For a child that has ended or will do so by itself: it is reaped now, at a later call, or at exit(3). Safe from any thread.
void leave_to_end(pid_t process);
/// Reaps what has been left to end; waits for it, a second at most.
void reap_left();

}  // namespace jci
