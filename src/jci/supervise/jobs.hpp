// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "jci/supervise/protocol.hpp"
#include "jci/util/fd.hpp"

namespace jci::supervise {

struct Program;

/// The jobs of a run and what they left behind. Every process a job starts is either below its main process or, once that has ended,
/// a child of ours (see spawn.hpp): a child that is not the main process of a running job is a leftover of an ended one.
class Jobs {
 public:
  void start(std::uint32_t job, Program program);
  void stop(std::uint32_t job);
  void kill(std::uint32_t job);

  /// To be called after SIGCHLD: takes note of what has ended, kills what it left, and tells of each job of which nothing is left.
  void reap();

  /// Kills everything and returns when nothing is left but what we are not allowed to kill.
  void end();

  /// In how many milliseconds there will be something to tell that waits no longer; -1: not before something happens.
  int tells_within() const;
  /// What there is to tell since the last call.
  std::vector<Report> take_reports();
  /// The engine has been told of what has ended.
  void let_go() { told_.clear(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Job {
    std::uint32_t id;
    pid_t main;
    Clock::time_point started;
    Fd out;  // stay open until its end is told: the engine would be woken by the end of each
    Fd err;
    bool may_linger = false;  // asked to stop: its processes may outlive the main one, until `kill`
    std::vector<pid_t> asked = {};  // to stop
    Report report = {};             // set when the main process has ended
  };

  Job* find_running(std::uint32_t job);
  void main_ended(Job job, int wait_status);
  const Job* owner_of_lingering(pid_t process) const;
  void settle();

  std::unordered_map<pid_t, Job> running_;  // by main process
  std::vector<Job> ended_;                  // the main process is gone, leftovers may not be
  std::vector<Job> told_;                   // or about to be
  std::vector<Report> reports_;
};

}  // namespace jci::supervise
