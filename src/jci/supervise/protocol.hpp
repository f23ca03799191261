// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// What an engine and its `jci-supervise` say to each other over a socket pair (SOCK_STREAM). Both come from one build and lie in one
/// directory, so this has no version, and numbers travel as they lie in memory.
namespace jci::supervise {

enum class Ask : std::uint32_t {
  spawn,  ///< payload: see SpawnHeader; carries two descriptors, the job's stdout and stderr
  stop,  ///< SIGTERM to all of the job; what is left when its main process ends may go on until `kill`
  kill,  ///< SIGKILL to all of the job
};

/// From the engine: a header, then its payload.
struct Request {
  Ask ask;
  std::uint32_t job;
  std::uint32_t payload_bytes;
};

/// The payload of `spawn`: this, then the working directory, the arguments and the variables (`NAME=value`), each ended by a NUL.
struct SpawnHeader {
  std::uint32_t arguments;
  std::uint32_t variables;
};

/// A bound for the engine's mistakes; the system's own limit for arguments and variables lies far below.
inline constexpr std::uint32_t k_max_payload_bytes = 64U << 20U;

/// Where starting a job failed.
enum class Step : std::int32_t { fork, directory, exec };

enum class Tell : std::uint32_t {
  ready,        ///< once, before all others
  started,      ///< value: pid of the main process
  not_started,  ///< value: errno; step: where
  ended,        ///< value: the main process's wait status; nothing of the job is left
};

/// To the engine. Each job gets `not_started`, or `started` and then `ended`.
struct Report {
  Tell tell;
  std::uint32_t job;
  std::int32_t value;
  Step step;
  std::int64_t took_ns;  ///< for `ended`: how long the main process ran
};

}  // namespace jci::supervise
