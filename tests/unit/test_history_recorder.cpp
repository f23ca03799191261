// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "history_fixture.hpp"
#include "jci/history/recorder.hpp"
#include "jci/history/run_lock.hpp"
#include "jci/history/sqlite.hpp"
#include "jci/history/store.hpp"
#include "jci/history/sweep.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing_history::at;
using testing_history::info;
using testing_history::many_jobs;
using testing_history::passed_in;
using testing_history::pipeline;
using testing_history::tell_run;

class RecorderTest : public testing_history::HistoryFixture {
 protected:
  Recorder::Options options(milliseconds patience = std::chrono::seconds(60)) const {
    return {.state = state(), .patience = patience};
  }
  void record_whole_run(const std::string& pipe_id) const {
    const Pipeline jobs = pipeline({"Build"});
    Recorder recorder(options());
    tell_run(recorder, jobs, info(pipe_id));
  }
  std::vector<Status> statuses(const std::string& pipe_id) const {
    Store store(database());
    std::vector<Status> found;
    for (const JobRow& job : store.jobs(store.runs({.id_prefix = pipe_id}).at(0))) {
      found.push_back(job.state.status);
    }
    return found;
  }
};

TEST_F(RecorderTest, KeepsARunWithItsJobsAndLogs) {
  const Pipeline jobs = pipeline({"Build", "Unit test"});
  Recorder recorder(options());
  tell_run(recorder, jobs, info("aaaaaaaaaa"));
  recorder.finish();
  EXPECT_THAT(recorder.warnings(), IsEmpty());
  Store store(database());
  const RunRow run = store.runs({}).at(0);
  EXPECT_EQ(run.status, Status::passed);
  EXPECT_EQ(run.ended_at, at(3));
  EXPECT_THAT(statuses("aaaaaaaaaa"), ElementsAre(Status::passed, Status::passed));
  EXPECT_EQ(read(directory("aaaaaaaaaa") / "Build.log"), "hello\n");
  EXPECT_EQ(recorder.log_tail(jobs.jobs()[1], 10, 1000), "hello\n");
}

TEST_F(RecorderTest, KeepsTenThousandJobs) {
  const Pipeline jobs = many_jobs(10'000);
  {
    Recorder recorder(options());
    tell_run(recorder, jobs, info("aaaaaaaaaa"));
  }
  EXPECT_EQ(statuses("aaaaaaaaaa"), std::vector<Status>(10'000, Status::passed));
}

TEST_F(RecorderTest, ShowsARunThatGoesOnAsAlive) {
  Store store(database());
  const Pipeline jobs = pipeline({"Build"});
  Recorder recorder(options());
  recorder.on_event(RunStarted{jobs, info("aaaaaaaaaa"), at(0)});
  recorder.finish();  // all is written; the run's lock is still held
  const RunRow run = store.runs({}).at(0);
  EXPECT_EQ(run.status, Status::running);
  EXPECT_FALSE(was_interrupted(state(), run));
}

TEST_F(RecorderTest, GoesOnWithoutAHistoryOfANewerVersion) {
  Database(database(), milliseconds(0)).execute("CREATE TABLE t(a); PRAGMA user_version = 7");
  const Pipeline jobs = pipeline({"Build"});
  Recorder recorder(options());
  tell_run(recorder, jobs, info("aaaaaaaaaa"));
  recorder.finish();
  EXPECT_THAT(recorder.warnings(),
              ElementsAre("this run is not kept in the history: history `" + database().string() +
                          "` has version 7, this `jci` knows version 3 at most: use the newer "
                          "`jci`, or set XDG_STATE_HOME to another directory"));
  EXPECT_EQ(recorder.log_tail(jobs.jobs()[0], 10, 1000), "hello\n");
}

TEST_F(RecorderTest, GoesOnWithoutADamagedHistory) {
  std::ofstream(database()) << std::string(5000, 'x');
  const Pipeline jobs = pipeline({"Build"});
  Recorder recorder(options());
  tell_run(recorder, jobs, info("aaaaaaaaaa"));
  recorder.finish();
  EXPECT_THAT(
      recorder.warnings(),
      ElementsAre("this run is not kept in the history: history `" + database().string() +
                  "` is damaged (file is not a database): move it away to begin a new one"));
}

TEST_F(RecorderTest, GoesOnWhereTheStateDirectoryCannotBeMade) {
  std::ofstream(state() / "file") << "in the way";
  const Pipeline jobs = pipeline({"Build"});
  Recorder recorder({.state = state() / "file"});
  tell_run(recorder, jobs, info("aaaaaaaaaa"));
  recorder.finish();
  EXPECT_EQ(recorder.warnings().size(), 1U);
  EXPECT_EQ(recorder.directory(), "");
  EXPECT_EQ(recorder.log_tail(jobs.jobs()[0], 10, 1000), "");
}

TEST_F(RecorderTest, WritesInTheBackgroundOnceALockIsFree) {
  {
    const Store store(database());
  }
  auto other = std::make_unique<Database>(database(), milliseconds(0));
  other->execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  const Pipeline jobs = many_jobs(1000);
  Recorder recorder(options());
  tell_run(recorder, jobs, info("aaaaaaaaaa"));  // returns, though nothing can be written
  other.reset();
  recorder.finish();
  EXPECT_THAT(recorder.warnings(), IsEmpty());
  EXPECT_EQ(statuses("aaaaaaaaaa"), std::vector<Status>(1000, Status::passed));
}

TEST_F(RecorderTest, GivesUpALockedHistoryAfterItsPatience) {
  {
    const Store store(database());
  }
  Database other(database(), milliseconds(0));
  other.execute("BEGIN EXCLUSIVE");
  const Pipeline jobs = pipeline({"Build"});
  Recorder recorder(options(milliseconds(50)));
  tell_run(recorder, jobs, info("aaaaaaaaaa"));
  recorder.finish();
  EXPECT_THAT(recorder.warnings(),
              ElementsAre("the history of this run is incomplete: history `" + database().string() +
                          "` is locked by another process"));
}

TEST_F(RecorderTest, WarnsWhereTheDiskIsFull) {
  const fs::path disk = state() / "disk";
  fs::create_directory(disk);
  if (::mount("none", disk.c_str(), "tmpfs", 0, "size=256k") != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  const Pipeline jobs = many_jobs(10'000);
  std::vector<std::string> warnings;
  {
    Recorder recorder({.state = disk, .patience = std::chrono::seconds(60)});
    recorder.on_event(RunStarted{jobs, info("aaaaaaaaaa"), at(0)});
    recorder.on_event(RunFinished{Status::passed, at(3), Nanoseconds(3000)});
    recorder.finish();
    warnings = recorder.warnings();
  }
  ::umount(disk.c_str());
  EXPECT_THAT(warnings,
              ElementsAre("the history of this run is incomplete: cannot use history `" +
                          (disk / "history.db").string() + "`: database or disk is full"));
}

TEST_F(RecorderTest, KeepsTwoRunsAtOnceApart) {
  const auto run = [this](const std::string& pipe_id) {
    const Pipeline jobs = many_jobs(500);
    Recorder recorder(options());
    tell_run(recorder, jobs, info(pipe_id));
    recorder.finish();
    EXPECT_THAT(recorder.warnings(), IsEmpty());
  };
  std::thread first(run, "aaaaaaaaaa");
  std::thread second(run, "bbbbbbbbbb");
  first.join();
  second.join();
  EXPECT_EQ(statuses("aaaaaaaaaa"), std::vector<Status>(500, Status::passed));
  EXPECT_EQ(statuses("bbbbbbbbbb"), std::vector<Status>(500, Status::passed));
}

/// Tells a run of many jobs and never ends. A byte goes to `ready` once the run is in the history.
[[noreturn]] void run_until_killed(const fs::path& state, const std::string& pipe_id, int ready) {
  const Pipeline jobs = many_jobs(20'000);
  Recorder recorder({.state = state});
  recorder.on_event(RunStarted{jobs, info(pipe_id), at(0)});
  Store store(state / "history.db");
  while (store.runs({.id_prefix = pipe_id}).empty()) std::this_thread::yield();
  if (::write(ready, "x", 1) != 1) std::_Exit(1);
  for (const Job& job : jobs.jobs()) {
    recorder.on_event(JobStarted{job, job.name, at(job.id)});
    recorder.on_event(JobOutput{job, Stream::err, job.name});
    recorder.on_event(JobFinished{job,
                                  {.status = Status::passed,
                                   .run_id = job.name,
                                   .started_at = at(job.id),
                                   .took = Nanoseconds(job.id),
                                   .outcome = Exited{0},
                                   .report = job.name},
                                  at(1)});
  }
  for (;;) ::pause();
}

/// A job that the history shows as ended has all it was told, and its log.
void expect_consistent(const JobRow& job, const std::string& log) {
  if (job.state.status != Status::passed) return;
  EXPECT_EQ(job.state.run_id, job.name);
  EXPECT_EQ(job.state.started_at, at(job.job));
  EXPECT_EQ(job.state.took, Nanoseconds(job.job));
  EXPECT_EQ(job.state.outcome, Outcome(Exited{0}));
  EXPECT_EQ(job.state.report, job.name);
  EXPECT_EQ(log, job.name);
}

TEST_F(RecorderTest, SurvivesBeingKilledAtAnyMoment) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer allows no threads in a forked process";
#endif
  std::mt19937 random(4711);  // NOLINT(cert-msc51-cpp): the same moments each time
  std::uniform_int_distribution<int> moment(0, 60'000);
  for (int round = 0; round < 15; ++round) {
    const std::string pipe_id = "killed" + std::to_string(round);
    int ready[2];
    ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) run_until_killed(state(), pipe_id, ready[1]);
    ::close(ready[1]);
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    std::this_thread::sleep_for(std::chrono::microseconds(moment(random)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);

    Store store(database());
    const RunRow run = store.runs({.id_prefix = pipe_id, .limit = 1}).at(0);
    EXPECT_TRUE(was_interrupted(state(), run));
    const auto jobs = store.jobs(run);
    ASSERT_EQ(jobs.size(), 20'000U);
    for (const JobRow& job : jobs) {
      if (job.state.status == Status::passed) {
        expect_consistent(job, bytes_of(directory(pipe_id), job.name, Stream::err));
      }
    }
  }
  Database database(this->database(), milliseconds(0));
  auto check = database.prepare("PRAGMA integrity_check");
  check.start();
  check.step();
  EXPECT_EQ(check.text(0), "ok");
}

class SweepTest : public RecorderTest {
 protected:
  /// As a killed process leaves it: in the history RUNNING, its lock free.
  void record_interrupted_run(const std::string& pipe_id) const {
    const Pipeline jobs = pipeline({"Build"});
    Recorder recorder(options());
    recorder.on_event(RunStarted{jobs, info(pipe_id), at(0)});
  }
  std::vector<std::string> runs() const {
    std::vector<std::string> found;
    for (const RunRow& run : Store(database()).runs({})) found.push_back(run.info.pipe_id);
    return found;
  }
  std::vector<std::string> directories() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(state() / "runs")) {
      found.push_back(entry.path().filename());
    }
    return found;
  }
};

TEST_F(SweepTest, OfTheNextRunCleansAndMarksAnInterruptedOne) {
  record_interrupted_run("killed");
  std::vector<std::string> cleaned;
  for (const std::string next : {"next1", "next2"}) {
    auto with_clean = options();
    with_clean.clean = [&](const RunRow& run) { cleaned.push_back(run.info.pipe_id); };
    const Pipeline jobs = pipeline({"Build"});
    Recorder recorder(std::move(with_clean));
    tell_run(recorder, jobs, info(next));
  }
  EXPECT_THAT(cleaned, ElementsAre("killed"));
  EXPECT_TRUE(Store(database()).runs({.id_prefix = "killed"}).at(0).interrupted);
}

TEST_F(SweepTest, LeavesARunAloneWhoseLockIsHeld) {
  record_interrupted_run("alive");
  const RunLock lock(directory("alive"));
  Store store(database());
  sweep(store, state(), [](const RunRow&) { ADD_FAILURE(); });
  EXPECT_FALSE(store.runs({}).at(0).interrupted);
}

TEST_F(SweepTest, TakesARunWithoutItsDirectoryForInterrupted) {
  record_interrupted_run("killed");
  fs::remove_all(directory("killed"));
  EXPECT_TRUE(was_interrupted(state(), Store(database()).runs({}).at(0)));
}

TEST_F(SweepTest, RemovesRunsThatAreOldAndNotAmongTheNewest) {
  for (const std::string id : {"a1", "a2", "a3"}) record_whole_run(id);
  Store store(database());
  const Retention keep_two = {.runs = 2, .age = std::chrono::hours(1)};
  remove_expired(store, state(), "/repo", keep_two, at(0) + std::chrono::minutes(59));
  EXPECT_THAT(runs(), ElementsAre("a3", "a2", "a1"));
  remove_expired(store, state(), "/elsewhere", keep_two, at(0) + std::chrono::minutes(61));
  EXPECT_THAT(runs(), ElementsAre("a3", "a2", "a1"));
  remove_expired(store, state(), "/repo", keep_two, at(0) + std::chrono::minutes(61));
  EXPECT_THAT(runs(), ElementsAre("a3", "a2"));
  EXPECT_THAT(directories(), testing::UnorderedElementsAre("a2", "a3"));
}

TEST_F(SweepTest, LooksForRunsToRemoveOnceADayForEachRepository) {
  record_whole_run("old");  // which looks for some as well
  Store store(database());
  const Retention keep_none = {.runs = 0, .age = std::chrono::hours(0)};
  const auto now = std::chrono::system_clock::now();
  remove_expired_daily(store, state(), "/repo", keep_none, now + std::chrono::hours(23));
  remove_expired_daily(store, state(), "/elsewhere", keep_none, now + std::chrono::hours(25));
  EXPECT_THAT(runs(), ElementsAre("old"));
  remove_expired_daily(store, state(), "/repo", keep_none, now + std::chrono::hours(25));
  EXPECT_THAT(runs(), IsEmpty());
}

TEST_F(SweepTest, RemovesTheRestWithTheNextRunWhereThatAreMany) {
  for (int i = 0; i < 21; ++i) record_whole_run("r" + std::to_string(i));
  Store store(database());
  const Retention keep_none = {.runs = 0, .age = std::chrono::hours(0)};
  const auto later = std::chrono::system_clock::now() + std::chrono::hours(25);
  remove_expired_daily(store, state(), "/repo", keep_none, later);
  EXPECT_THAT(runs(), testing::SizeIs(1));
  remove_expired_daily(store, state(), "/repo", keep_none, later);
  EXPECT_THAT(runs(), IsEmpty());
}

TEST_F(SweepTest, NeverRemovesARunThatGoesOn) {
  record_interrupted_run("alive");
  const RunLock lock(directory("alive"));
  Store store(database());
  remove_expired(store, state(), "/repo", {.runs = 0, .age = std::chrono::hours(0)},
                 at(0) + std::chrono::hours(1));
  EXPECT_THAT(runs(), ElementsAre("alive"));
  EXPECT_THAT(directories(), ElementsAre("alive"));
}

TEST_F(SweepTest, RemovesOldDirectoriesThatTheHistoryDoesNotKnow) {
  record_whole_run("known");
  fs::create_directories(directory("stray"));
  Store store(database());
  const auto now = std::chrono::system_clock::now();
  remove_expired(store, state(), "/repo", {.runs = 1, .age = std::chrono::hours(1)}, now);
  EXPECT_THAT(directories(), testing::UnorderedElementsAre("known", "stray"));
  remove_expired(store, state(), "/repo", {.runs = 1, .age = std::chrono::hours(1)},
                 now + std::chrono::hours(2));
  EXPECT_THAT(directories(), ElementsAre("known"));
}

}  // namespace
}  // namespace jci::history
