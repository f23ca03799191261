// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <expected>
#include <memory>
#include <optional>

#include "jci/supervise/program.hpp"
#include "jci/supervise/protocol.hpp"

namespace jci::supervise {

struct LaunchFailure {
  Step step;
  int error;  ///< errno
};

/// The process of a job, from before it runs the job's program.
///
/// As with vfork(2) it is made without a copy of our memory, but we go on meanwhile: half of what a short job costs is spent on its way to
/// its program, and several can be on theirs at the same time. A process may also be made before it is its job's turn, and wait: stopped,
/// if possible where it has become its program and has not run any of it yet (as one that is traced is, see ptrace(2), PTRACE_TRACEME).
///
/// It is leader of a new session without terminal, with /dev/null as stdin and all signals at their defaults, and dies when this process
/// dies. It adopts its orphaned descendants (PR_SET_CHILD_SUBREAPER, kept across exec), like process 1 of a container: while it lives,
/// all that belongs to the job is below it, however much that daemonizes; when it has ended, all that is left of it are children of ours.
class Launch {
 public:
  explicit Launch(Program program);
  Launch(Launch&&) noexcept;
  Launch& operator=(Launch&&) noexcept;
  /// A process that still waits is killed.
  ~Launch();

  /// Makes the process, which waits for `go`. Where that cannot be, `go` makes it.
  void prepare();
  /// To be called with what waitpid(2) tells of the process before `go`: that it has stopped, or has ended.
  void changed(int wait_status);
  /// It has ended before `go`, as its program could not be run. Where somebody killed it instead, `go` makes another one.
  bool has_failed() const;

  /// Starts it, once. Where there can be no process: errno; the rest of what can go wrong is `failure`'s. May wait for one that is still
  /// on its way to where it stops.
  std::expected<pid_t, int> go();

  /// -1 where there is none yet.
  pid_t process() const;

  /// Returns when it has become its program, or has ended: at once, nearly always. Only after `go`. Its descriptors stay open.
  void await();

  /// Why it did not become its program; nothing where it did. To be asked once it has ended.
  std::optional<LaunchFailure> failure() const;

 private:
  struct Shared;  // what the process looks at

  std::unique_ptr<Shared> shared_;
};

}  // namespace jci::supervise
