// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// What an engine and its `jci-supervise` say to each other over a socket pair (SOCK_STREAM). Both come from one build and lie in one
/// directory, so this has no version, and numbers travel as they lie in memory.
namespace jci::supervise {

enum class Ask : std::uint32_t {
  spawn,  ///< payload: see SpawnHeader; carries two descriptors, the job's stdout and stderr
  prepare,  ///< as `spawn`, but the job waits: it starts when the one it follows has passed, or is told to
  go,  ///< a prepared job that has not started yet starts
  stop,  ///< SIGTERM to all of the job; what is left when its main process ends may go on until `kill`
  kill,  ///< SIGKILL to all of the job; one that was prepared and has not started is forgotten
};

/// From the engine: a header, then its payload.
struct Request {
  Ask ask;
  std::uint32_t job;
  std::uint32_t payload_bytes;
};

/// The payload of `spawn` and `prepare`: this, then the working directory, a path, the arguments and the variables (`NAME=value`), each
/// ended by a NUL.
///
/// A prepared job starts by itself where the job `after` exits with 0, was never asked to stop, and leaves nothing at the path.
struct SpawnHeader {
  std::uint32_t arguments;
  std::uint32_t variables;
  std::uint32_t after;       ///< for `prepare`
  std::uint32_t is_awaited;  ///< somebody waits for its start: it is told at once
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

/// To the engine. Each job that starts gets `not_started`, or `started` and then `ended`.
struct Report {
  Tell tell = Tell::ready;
  std::uint32_t job = 0;
  std::int32_t value = 0;
  Step step = Step::fork;
  std::int64_t took_ns = 0;  ///< for `ended`: how long the main process ran
  std::uint64_t handed_on =
      0;  ///< for `ended`: 1 where the job prepared to follow has started by itself
};

}  // namespace jci::supervise
