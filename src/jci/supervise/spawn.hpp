// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <vector>

#include "jci/supervise/protocol.hpp"
#include "jci/util/fd.hpp"

namespace jci::supervise {

/// What a job is made of. The strings live in one block; the lists end with a null pointer, as execve(2) takes them.
struct Program {
  std::string block;
  const char* directory = nullptr;
  std::vector<char*> arguments;
  std::vector<char*> variables;
  Fd out;
  Fd err;
};

/// Reads the payload of Ask::spawn. False if it is malformed.
bool parse(std::string payload, Program& program);

struct SpawnFailure {
  Step step;
  int error;  ///< errno
};

/// Starts `program` as leader of a new session without terminal, with /dev/null as stdin and all signals at their defaults. A name
/// without slash is searched in the PATH of the job's own environment. It dies when this process dies.
///
/// It adopts its orphaned descendants (PR_SET_CHILD_SUBREAPER, kept across exec), like process 1 of a container: while it lives, all that
/// belongs to the job is below it, however much that daemonizes; when it has ended, all that is left of it are children of ours.
std::expected<pid_t, SpawnFailure> spawn(const Program& program);

}  // namespace jci::supervise
