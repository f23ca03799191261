// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "jci/supervise/launch.hpp"
#include "jci/supervise/program.hpp"
#include "jci/supervise/protocol.hpp"

namespace jci::supervise {

/// The jobs of a run and what they left behind. Every process a job starts is either below its main process or, once that has ended,
/// a child of ours (see launch.hpp): a child that is not the main process of a running job is a leftover of an ended one.
class Jobs {
 public:
  void start(std::uint32_t job, Program program);
  /// See Ask::prepare.
  void prepare(std::uint32_t job, Program program);
  void go(std::uint32_t job);
  void stop(std::uint32_t job);
  void kill(std::uint32_t job);

  /// To be called after SIGCHLD: takes note of what has ended, kills what it left, and tells of each job of which nothing is left.
  void reap();

  /// Kills everything and returns when nothing is left but what we are not allowed to kill.
  void end();

  /// In how many milliseconds there will be something to tell; -1: not before something happens.
  int tells_within();
  /// What there is to tell since the last call.
  std::vector<Report> take_reports();
  /// The engine has been told of what has ended.
  void let_go() { told_.clear(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Job {
    std::uint32_t id;
    Launch
        launch;  // its descriptors stay open until its end is told: the engine would be woken by the end of each
    Clock::time_point started;
    bool start_told = false;
    bool may_linger = false;  // asked to stop: its processes may outlive the main one, until `kill`
    std::vector<pid_t> asked = {};           // to stop
    std::optional<std::uint32_t> next = {};  // prepared to follow it
    Report report = {};                      // set when the main process has ended
  };
  struct Prepared {
    Launch launch;
    std::string path;                        // see SpawnHeader
    std::optional<std::uint32_t> next = {};  // prepared to follow it
  };

  Job* find_running(std::uint32_t job);
  Job* run(std::uint32_t job, Launch launch);
  std::optional<Prepared> take_prepared(std::uint32_t job);
  void tell_start(Job& job);
  void tell_failure(Job job);
  void main_ended(Job job, int wait_status);
  bool hands_on(const Job& job) const;
  const Job* owner_of_lingering(pid_t process) const;
  void settle();

  std::unordered_map<pid_t, Job> running_;  // by main process
  std::deque<pid_t>
      untold_;  // whose start has not been told, the oldest first; some have ended since
  std::unordered_map<std::uint32_t, Prepared> prepared_;
  std::unordered_map<pid_t, std::uint32_t> waiting_;  // the processes of those
  std::vector<Job> ended_;  // the main process is gone, leftovers may not be
  std::vector<Job> told_;   // or about to be
  std::vector<Report> reports_;
};

}  // namespace jci::supervise
