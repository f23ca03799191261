// SPDX-License-Identifier: MIT
#include "jci/supervise/jobs.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <unordered_set>
#include <utility>

#include "jci/supervise/processes.hpp"

namespace jci::supervise {
namespace {

// News of a start waits this long: most jobs that are short have ended by then, and each message wakes the engine.
constexpr auto k_gathering = std::chrono::milliseconds(10);

// A process we may not signal has become another user's (sudo); one that is gone is gone.
bool killed(pid_t process) { return ::kill(process, SIGKILL) == 0; }

}  // namespace

void Jobs::start(std::uint32_t id, Program program) {
  const bool is_awaited = program.header.is_awaited != 0;
  if (Job* job = run(id, Launch(std::move(program))); job != nullptr && is_awaited)
    tell_start(*job);
}

/// Null where there can be no process for it.
Jobs::Job* Jobs::run(std::uint32_t id, Launch launch) {
  const auto started = Clock::now();
  const auto main = launch.go();
  if (!main) {
    reports_.push_back({.tell = Tell::not_started, .job = id, .value = main.error()});
    return nullptr;
  }
  untold_.push_back(*main);
  const auto entry = running_.insert_or_assign(
      *main, Job{.id = id, .launch = std::move(launch), .started = started});
  return &entry.first->second;
}

void Jobs::prepare(std::uint32_t id, Program program) {
  const std::uint32_t after = program.header.after;
  std::string path = program.path;
  Prepared& prepared =
      prepared_.insert_or_assign(id, Prepared{Launch(std::move(program)), std::move(path)})
          .first->second;
  prepared.launch.prepare();
  waiting_[prepared.launch.process()] = id;
  if (Job* before = find_running(after); before != nullptr && !before->may_linger)
    before->next = id;
  else if (const auto waits_too = prepared_.find(after); waits_too != prepared_.end())
    waits_too->second.next = id;
}

void Jobs::go(std::uint32_t id) {
  auto prepared = take_prepared(id);
  if (!prepared) return;
  if (prepared->launch.has_failed())
    return tell_failure({.id = id, .launch = std::move(prepared->launch), .started = {}});
  if (Job* job = run(id, std::move(prepared->launch))) job->next = prepared->next;
}

std::optional<Jobs::Prepared> Jobs::take_prepared(std::uint32_t id) {
  auto entry = prepared_.extract(id);
  if (!entry) return std::nullopt;
  waiting_.erase(entry.mapped().launch.process());
  return std::move(entry.mapped());
}

/// Before the end is told, at the latest.
void Jobs::tell_start(Job& job) {
  if (std::exchange(job.start_told, true)) return;
  job.launch.await();
  if (job.launch.failure()) return;  // its end tells
  reports_.push_back({.tell = Tell::started, .job = job.id, .value = job.launch.process()});
}

Jobs::Job* Jobs::find_running(std::uint32_t id) {
  const auto has_id = [id](const auto& entry) { return entry.second.id == id; };
  const auto found = std::ranges::find_if(running_, has_id);
  return found == running_.end() ? nullptr : &found->second;
}

void Jobs::stop(std::uint32_t id) {
  for (Job& job : ended_)
    if (job.id == id) job.next.reset();
  Job* job = find_running(id);
  if (job == nullptr) return;
  job->next.reset();
  job->may_linger = true;
  const pid_t main = job->launch.process();
  job->asked = descendants(main);
  job->asked.push_back(main);
  for (const pid_t process : job->asked) {
    ::kill(process, SIGTERM);
    ::kill(process, SIGCONT);  // a stopped process would not hear it
  }
}

void Jobs::kill(std::uint32_t id) {
  take_prepared(id);
  if (Job* job = find_running(id)) {
    job->next.reset();
    job->may_linger = false;
    const pid_t main = job->launch.process();
    for (const pid_t process : descendants(main)) ::kill(process, SIGKILL);
    ::kill(main, SIGKILL);
  }
  for (Job& job : ended_) {
    if (job.id != id) continue;
    job.next.reset();
    job.may_linger = false;
  }
  settle();
}

void Jobs::reap() {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (const auto waiting = waiting_.find(pid); waiting != waiting_.end()) {
      prepared_.at(waiting->second).launch.changed(status);
      if (!WIFSTOPPED(status)) waiting_.erase(waiting);
    } else if (auto job = running_.extract(pid)) {
      main_ended(std::move(job.mapped()), status);
    }
  }
  settle();
}

void Jobs::main_ended(Job job, int wait_status) {
  const std::chrono::nanoseconds took = Clock::now() - job.started;
  tell_start(job);
  if (job.launch.failure()) return tell_failure(std::move(job));
  job.report = {.tell = Tell::ended, .job = job.id, .value = wait_status, .took_ns = took.count()};
  ended_.push_back(std::move(job));
}

/// That its program could not be run.
void Jobs::tell_failure(Job job) {
  const LaunchFailure failure = *job.launch.failure();
  reports_.push_back(
      {.tell = Tell::not_started, .job = job.id, .value = failure.error, .step = failure.step});
  told_.push_back(std::move(job));
}

/// Whether the job that was prepared to follow may start: `job` has ended, and nothing of it is left.
bool Jobs::hands_on(const Job& job) const {
  if (!job.next || job.report.value != 0) return false;
  const auto next = prepared_.find(*job.next);
  if (next == prepared_.end()) return false;
  struct stat ignored;
  return ::lstat(next->second.path.c_str(), &ignored) != 0 && errno == ENOENT;
}

// The ended job that `process`, a child of ours, belongs to and may still linger for.
const Jobs::Job* Jobs::owner_of_lingering(pid_t process) const {
  for (const Job& job : ended_) {
    const bool of_job =
        ::getsid(process) == job.launch.process() || std::ranges::count(job.asked, process) > 0;
    if (job.may_linger && of_job) return &job;
  }
  return nullptr;
}

void Jobs::settle() {
  if (ended_.empty()) return;
  bool left = false;
  std::unordered_set<std::uint32_t> lingering;
  for (const pid_t child : own_children()) {
    if (running_.contains(child) || waiting_.contains(child)) continue;
    if (const Job* job = owner_of_lingering(child))
      lingering.insert(job->id);
    else if (killed(child))
      left = true;  // its end calls us again
  }
  const auto stays = [&](const Job& job) {
    return job.may_linger ? lingering.contains(job.id) : left;
  };
  const auto done = std::ranges::partition(ended_, stays);
  std::vector<std::uint32_t> following;
  for (Job& job : done) {
    if (hands_on(job)) {
      job.report.handed_on = 1;
      following.push_back(*job.next);
    }
    reports_.push_back(job.report);
    told_.push_back(std::move(job));
  }
  ended_.erase(done.begin(), done.end());
  for (const std::uint32_t next : following) go(next);
}

void Jobs::end() {
  // While their processes are children of ours: later, their numbers may be another's.
  prepared_.clear();
  for (bool left = true; left;) {
    left = false;
    for (const pid_t child : own_children()) left |= killed(child);
    if (left && ::waitpid(-1, nullptr, 0) < 0 && errno != EINTR) return;
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

int Jobs::tells_within() {
  for (; !untold_.empty(); untold_.pop_front()) {
    const auto oldest = running_.find(untold_.front());
    if (oldest == running_.end() || oldest->second.start_told) continue;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(oldest->second.started +
                                                                   k_gathering - Clock::now());
    if (left.count() > 0) return reports_.empty() ? static_cast<int>(left.count()) : 0;
    tell_start(oldest->second);
  }
  return reports_.empty() ? -1 : 0;
}

std::vector<Report> Jobs::take_reports() { return std::exchange(reports_, {}); }

}  // namespace jci::supervise
