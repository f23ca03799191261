// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "jci/supervise/protocol.hpp"
#include "jci/util/fd.hpp"

namespace jci::supervise {

/// What a job is made of. The strings lie in one block; the lists end with a null pointer, as execve(2) takes them.
struct Program {
  std::string block;
  SpawnHeader header = {};
  const char* directory = nullptr;
  const char* path = nullptr;  ///< see SpawnHeader
  std::vector<char*> arguments;
  std::vector<char*> variables;
  Fd out;
  Fd err;
};

/// Reads the payload of Ask::spawn. False if it is malformed.
bool parse(std::string payload, Program& program);

/// Where the program may be, in order: a name without slash is searched in the PATH of the job's own environment.
std::vector<std::string> candidates(const Program& program);

}  // namespace jci::supervise
