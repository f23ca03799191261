// SPDX-License-Identifier: MIT
#include "jci/supervise/jobs.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <unordered_set>
#include <utility>

#include "jci/supervise/processes.hpp"
#include "jci/supervise/spawn.hpp"

namespace jci::supervise {
namespace {

// News of a start waits this long for company: most jobs that are short have ended by then, and each message wakes the engine.
constexpr auto k_gathering = std::chrono::milliseconds(2);

// A process we may not signal has become another user's (sudo); one that is gone is gone.
bool killed(pid_t process) { return ::kill(process, SIGKILL) == 0; }

}  // namespace

void Jobs::start(std::uint32_t job, Program program) {
  const auto started = Clock::now();
  const auto main = spawn(program);
  if (!main) {
    reports_.push_back({Tell::not_started, job, main.error().error, main.error().step, 0});
    return;
  }
  running_.emplace(*main, Job{.id = job,
                              .main = *main,
                              .started = started,
                              .out = std::move(program.out),
                              .err = std::move(program.err)});
  reports_.push_back({Tell::started, job, *main, Step::exec, 0});
}

Jobs::Job* Jobs::find_running(std::uint32_t id) {
  const auto has_id = [id](const auto& entry) { return entry.second.id == id; };
  const auto found = std::ranges::find_if(running_, has_id);
  return found == running_.end() ? nullptr : &found->second;
}

void Jobs::stop(std::uint32_t id) {
  Job* job = find_running(id);
  if (job == nullptr) return;
  job->may_linger = true;
  job->asked = descendants(job->main);
  job->asked.push_back(job->main);
  for (const pid_t process : job->asked) {
    ::kill(process, SIGTERM);
    ::kill(process, SIGCONT);  // a stopped process would not hear it
  }
}

void Jobs::kill(std::uint32_t id) {
  if (Job* job = find_running(id)) {
    job->may_linger = false;
    for (const pid_t process : descendants(job->main)) ::kill(process, SIGKILL);
    ::kill(job->main, SIGKILL);
  }
  for (Job& job : ended_)
    if (job.id == id) job.may_linger = false;
  settle();
}

void Jobs::reap() {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (auto job = running_.extract(pid)) main_ended(std::move(job.mapped()), status);
  settle();
}

void Jobs::main_ended(Job job, int wait_status) {
  const std::chrono::nanoseconds took = Clock::now() - job.started;
  job.report = {Tell::ended, job.id, wait_status, Step::exec, took.count()};
  ended_.push_back(std::move(job));
}

// The ended job that `process`, a child of ours, belongs to and may still linger for.
const Jobs::Job* Jobs::owner_of_lingering(pid_t process) const {
  for (const Job& job : ended_) {
    const bool of_job = ::getsid(process) == job.main || std::ranges::count(job.asked, process) > 0;
    if (job.may_linger && of_job) return &job;
  }
  return nullptr;
}

void Jobs::settle() {
  if (ended_.empty()) return;
  bool left = false;
  std::unordered_set<std::uint32_t> lingering;
  for (const pid_t child : own_children()) {
    if (running_.contains(child)) continue;
    if (const Job* job = owner_of_lingering(child))
      lingering.insert(job->id);
    else if (killed(child))
      left = true;  // its end calls us again
  }
  const auto stays = [&](const Job& job) {
    return job.may_linger ? lingering.contains(job.id) : left;
  };
  const auto done = std::ranges::partition(ended_, stays);
  for (Job& job : done) {
    reports_.push_back(job.report);
    told_.push_back(std::move(job));
  }
  ended_.erase(done.begin(), done.end());
}

void Jobs::end() {
  for (bool left = true; left;) {
    left = false;
    for (const pid_t child : own_children()) left |= killed(child);
    if (left) ::waitpid(-1, nullptr, 0);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

int Jobs::tells_within() const {
  if (reports_.empty()) return -1;
  const auto is_urgent = [](const Report& report) { return report.tell != Tell::started; };
  if (std::ranges::any_of(reports_, is_urgent)) return 0;
  // It is the oldest; each job is one of those that run.
  const auto first = running_.find(reports_.front().value);
  if (first == running_.end()) return 0;
  const auto left = first->second.started + k_gathering - Clock::now();
  return std::max(0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

std::vector<Report> Jobs::take_reports() { return std::exchange(reports_, {}); }

}  // namespace jci::supervise
