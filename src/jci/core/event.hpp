// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "jci/core/state.hpp"

namespace jci {

enum class Stream { out, err };

/// What is known about a run when it starts.
struct RunInfo {
  std::string pipe_id;  ///< 10 characters of [0-9a-z], unique
  std::string sha;      ///< 40 hex digits; empty where the repo has none
  std::string branch;
  std::string remote;  ///< url
  std::string commit_message;
  std::string executor;          ///< "shell", "mock", ...
  std::string repo_root;         ///< path of the user's repository
  std::string workspace;         ///< path all jobs share
  std::string config;            ///< path of the config inside the repository
  bool dirty = false;            ///< built from the working tree, not from the commit
  std::string author_name = {};  ///< of the commit
  std::string author_email = {};
};

struct RunStarted {
  const Pipeline& pipeline;
  const RunInfo& info;
  WallTime at;
};

/// A job has not started yet, and will wait for longer than one would expect; `what` names it: "pulling image `python:3.11`".
/// Told again when that changes.
struct JobWaits {
  const Job& job;
  std::string_view what;
  WallTime at;
};

/// The executor has started the job; `run_id` is its name for it.
struct JobStarted {
  const Job& job;
  std::string_view run_id;
  WallTime at;
};

/// A service is ready to be used.
struct ServiceUp {
  const Job& job;
  WallTime at;
  Nanoseconds took;
};

/// Some bytes of a job's output, as they came: any encoding, any size, not cut at lines.
struct JobOutput {
  const Job& job;
  Stream stream;
  std::string_view bytes;
};

/// The job will not change any more: all its output has been told. Also told of skipped jobs, which never started.
struct JobFinished {
  const Job& job;
  const JobState& state;
  WallTime at;
};

/// Something a person should know that is no job's fault: a remote that failed, a log that could not be written.
struct Warning {
  std::string_view message;
  WallTime at;
};

struct RunFinished {
  Status status;
  WallTime at;
  Nanoseconds took;
};

/// What happened. Valid only during the call that tells it: observers copy what they keep.
using Event = std::variant<RunStarted, JobWaits, JobStarted, ServiceUp, JobOutput, JobFinished,
                           Warning, RunFinished>;

/// Told of everything that happens, on the engine's thread, in order. Must not block, throw, or call into the engine.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_event(const Event& event) = 0;
};

}  // namespace jci
