// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "history_fixture.hpp"
#include "jci/history/schema.hpp"
#include "jci/history/sqlite.hpp"
#include "jci/history/store.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing_history::at;
using testing_history::info;

class StoreTest : public testing_history::HistoryFixture {
 protected:
  static void begin(Store& store, const RunInfo& run, std::int64_t started = 0) {
    std::vector<Record> records;
    records.emplace_back(std::make_unique<RunBegan>(
        RunBegan{.info = run,
                 .at = at(started),
                 .stages = {"Pipeline"},
                 .jobs = {{.id = 0, .name = "Build", .depends_on = {}, .settings = settings()},
                          {.id = 1, .name = "Test", .depends_on = {0}, .settings = settings()}}}));
    store.write(records);
  }
  static std::shared_ptr<const Settings> settings() {
    auto made = std::make_shared<Settings>();
    made->image = "debian";
    return made;
  }
  template <class... Records>
  static void write(Store& store, Records... records) {
    const std::array<Record, sizeof...(Records)> all = {std::move(records)...};
    store.write(all);
  }
  static std::vector<std::string> ids(const std::vector<RunRow>& runs) {
    std::vector<std::string> found;
    for (const RunRow& run : runs) found.push_back(run.info.pipe_id);
    return found;
  }
  static std::string integrity(const fs::path& file) {
    Database database(file, milliseconds(0));
    auto check = database.prepare("PRAGMA integrity_check");
    check.start();
    check.step();
    return check.text(0);
  }
  /// What `open` says when it fails.
  static std::string failure(const fs::path& file, StoreFailed::Why why) {
    try {
      Store store(file, milliseconds(0));
    } catch (const StoreFailed& failed) {
      EXPECT_EQ(failed.why, why);
      return failed.what();
    }
    return "it opened";
  }
};

TEST_F(StoreTest, GivesARunBackAsItWasTold) {
  Store store(database());
  begin(store, info("aaaaaaaaaa"));
  write(store, RunEnded{Status::failed, at(9)});
  const auto runs = store.runs({});
  ASSERT_EQ(runs.size(), 1U);
  const RunRow& run = runs[0];
  EXPECT_EQ(run.info.pipe_id, "aaaaaaaaaa");
  EXPECT_EQ(run.info.sha, info("").sha);
  EXPECT_EQ(run.info.branch, "main");
  EXPECT_EQ(run.info.remote, "https://example.org/repo.git");
  EXPECT_EQ(run.info.commit_message, "Add a thing");
  EXPECT_EQ(run.info.executor, "shell");
  EXPECT_EQ(run.info.repo_root, "/repo");
  EXPECT_EQ(run.info.workspace, "/cache/work");
  EXPECT_EQ(run.info.config, "cicd/cicd.py");
  EXPECT_TRUE(run.info.dirty);
  EXPECT_EQ(run.started_at, at(0));
  EXPECT_EQ(run.ended_at, at(9));
  EXPECT_EQ(run.status, Status::failed);
  EXPECT_FALSE(run.interrupted);
}

TEST_F(StoreTest, GivesJobsBackAsTheyWereTold) {
  Store store(database());
  begin(store, info("aaaaaaaaaa"));
  write(store, JobBegan{0, "4711", at(1)},
        JobEnded{0,
                 {.status = Status::failed,
                  .run_id = "4711",
                  .started_at = at(1),
                  .took = Nanoseconds(7),
                  .outcome = Exited{3},
                  .report = "Cov: 65%",
                  .image_digest = "sha256:4abcf2"}});
  const auto jobs = store.jobs(store.runs({}).at(0));
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].name, "Build");
  EXPECT_EQ(jobs[0].stage, "Pipeline");
  EXPECT_EQ(jobs[0].image, "debian");
  EXPECT_EQ(jobs[0].state.status, Status::failed);
  EXPECT_EQ(jobs[0].state.run_id, "4711");
  EXPECT_EQ(jobs[0].state.started_at, at(1));
  EXPECT_EQ(jobs[0].state.took, Nanoseconds(7));
  EXPECT_EQ(jobs[0].state.outcome, Outcome(Exited{3}));
  EXPECT_EQ(jobs[0].state.report, "Cov: 65%");
  EXPECT_EQ(jobs[0].state.image_digest, "sha256:4abcf2");
  EXPECT_EQ(jobs[1].depends_on, std::vector<JobId>{0});
  EXPECT_EQ(jobs[1].state.status, Status::pending);
  EXPECT_EQ(jobs[1].state.outcome, std::nullopt);
  EXPECT_EQ(jobs[1].state.started_at, std::nullopt);
  EXPECT_EQ(jobs[1].state.took, std::nullopt);
}

TEST_F(StoreTest, KeepsEveryKindOfOutcome) {
  Store store(database());
  const std::vector<Outcome> outcomes = {
      Exited{255}, Signaled{9}, TimedOut{}, Cancelled{}, CouldNotStart{"no sh"}, Lost{"gone"}};
  std::vector<Outcome> kept;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    begin(store, info(std::to_string(i)));
    write(store, JobEnded{0,
                          {.status = Status::failed,
                           .run_id = "",
                           .started_at = {},
                           .took = {},
                           .outcome = outcomes[i],
                           .report = ""}});
    const auto run = store.runs({.id_prefix = std::to_string(i), .limit = 1}).at(0);
    kept.push_back(store.jobs(run).at(0).state.outcome.value());
  }
  EXPECT_EQ(kept, outcomes);
}

TEST_F(StoreTest, ShowsAServiceThatIsUpAsPassed) {
  Store store(database());
  begin(store, info("aaaaaaaaaa"));
  write(store, JobBegan{0, "4711", at(1)}, ServiceCameUp{0});
  EXPECT_EQ(store.jobs(store.runs({}).at(0)).at(0).state.status, Status::passed);
}

TEST_F(StoreTest, FindsTheNewestRunsFirst) {
  Store store(database());
  begin(store, info("old0000000"), 1);
  begin(store, info("new0000000"), 3);
  begin(store, info("mid0000000"), 2);
  EXPECT_THAT(ids(store.runs({})), ElementsAre("new0000000", "mid0000000", "old0000000"));
  EXPECT_THAT(ids(store.runs({.limit = 1})), ElementsAre("new0000000"));
}

TEST_F(StoreTest, FindsRunsByRepositoryStatusIdAndJob) {
  Store store(database());
  RunInfo other = info("bbbbbbbbbb");
  other.repo_root = "/other";
  other.sha = "0123";
  begin(store, info("aaaaaaaaaa"));
  write(store, RunEnded{Status::passed, at(9)});
  begin(store, other);
  EXPECT_THAT(ids(store.runs({.repo_root = "/repo"})), ElementsAre("aaaaaaaaaa"));
  EXPECT_THAT(ids(store.runs({.status = Status::running})), ElementsAre("bbbbbbbbbb"));
  EXPECT_THAT(ids(store.runs({.id_prefix = "aaa"})), ElementsAre("aaaaaaaaaa"));
  EXPECT_THAT(ids(store.runs({.id_prefix = "012"})), ElementsAre("bbbbbbbbbb"));
  EXPECT_THAT(ids(store.runs({.id_prefix = "a*"})), IsEmpty());
  EXPECT_THAT(ids(store.runs({.has_job = "Test", .limit = 1})), ElementsAre("bbbbbbbbbb"));
  EXPECT_THAT(ids(store.runs({.has_job = "Deploy"})), IsEmpty());
}

TEST_F(StoreTest, NamesARepositoryTheSameHoweverItIsReached) {
  fs::create_directories(state() / "real");
  fs::create_symlink(state() / "real", state() / "link");
  EXPECT_EQ(repo_key(state() / "link" / ""), repo_key(state() / "real"));
  EXPECT_EQ(repo_key(""), "");
  EXPECT_EQ(repo_key("/"), "/");
}

TEST_F(StoreTest, WritesAllOrNothing) {
  Store store(database());
  std::vector<Record> records;
  for (int i = 0; i < 2; ++i) {  // the second breaks the rule that ids are unique
    records.emplace_back(std::make_unique<RunBegan>(RunBegan{info("aaaaaaaaaa"), at(0), {}, {}}));
  }
  EXPECT_THROW(store.write(records), StoreFailed);
  EXPECT_THAT(store.runs({}), IsEmpty());
}

TEST_F(StoreTest, MarksOnlyRunsThatHaveNotEnded) {
  Store store(database());
  begin(store, info("ended00000"), 2);
  write(store, RunEnded{Status::passed, at(9)});
  begin(store, info("running000"), 1);
  for (const RunRow& run : store.runs({})) store.mark_interrupted(run);
  const auto runs = store.runs({});
  EXPECT_FALSE(runs.at(0).interrupted);
  EXPECT_TRUE(runs.at(1).interrupted);
  EXPECT_THAT(store.runs({.status = Status::running}), IsEmpty());
}

TEST_F(StoreTest, ForgetsARunWithItsJobs) {
  Store store(database());
  begin(store, info("aaaaaaaaaa"));
  const RunRow run = store.runs({}).at(0);
  store.remove(run);
  EXPECT_THAT(store.runs({}), IsEmpty());
  EXPECT_THAT(store.jobs(run), IsEmpty());
}

TEST_F(StoreTest, LeavesAHistoryOfANewerVersionAlone) {
  {
    Store store(database());
    begin(store, info("aaaaaaaaaa"));
  }
  Database(database(), milliseconds(0)).execute("PRAGMA user_version = 99");
  EXPECT_EQ(failure(database(), StoreFailed::Why::newer),
            "history `" + database().string() +
                "` has version 99, this `jci` knows version 3 at most: use the newer `jci`, or set "
                "XDG_STATE_HOME to another directory");
}

TEST_F(StoreTest, NamesAFileThatIsNoDatabase) {
  std::ofstream(database()) << std::string(5000, 'x');
  EXPECT_EQ(failure(database(), StoreFailed::Why::damaged),
            "history `" + database().string() +
                "` is damaged (file is not a database): move it away to begin a new one");
  EXPECT_EQ(read(database()), std::string(5000, 'x'));
}

TEST_F(StoreTest, NamesAFileThatCannotBeOpened) {
  EXPECT_EQ(failure(state() / "gone" / "history.db", StoreFailed::Why::other),
            "cannot use history `" + (state() / "gone/history.db").string() +
                "`: unable to open database file");
}

TEST_F(StoreTest, SaysThatAnotherProcessHoldsTheLock) {
  {
    const Store store(database());
  }
  Database other(database(), milliseconds(0));
  other.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  EXPECT_EQ(failure(database(), StoreFailed::Why::busy),
            "history `" + database().string() + "` is locked by another process");
}

TEST_F(StoreTest, LetsSeveralWriteAtOnce) {
  const auto write_runs = [this](const std::string& prefix) {
    Store store(database());
    for (int i = 0; i < 100; ++i) begin(store, info(prefix + std::to_string(i)), i);
  };
  std::thread first(write_runs, "a");
  std::thread second(write_runs, "b");
  first.join();
  second.join();
  EXPECT_EQ(Store(database()).runs({}).size(), 200U);
  EXPECT_EQ(integrity(database()), "ok");
}

TEST_F(StoreTest, TakesOverAHistoryOfAnOlderVersion) {
  Database database(this->database(), milliseconds(0));
  constexpr std::array first = {"CREATE TABLE t(a)"};
  constexpr std::array both = {first[0], "ALTER TABLE t ADD COLUMN b DEFAULT 'new'"};
  migrate(database, first);
  database.execute("INSERT INTO t(a) VALUES('old')");
  migrate(database, both);
  migrate(database, both);
  auto select = database.prepare("SELECT a, b FROM t");
  select.start();
  ASSERT_TRUE(select.step());
  EXPECT_EQ(select.text(0), "old");
  EXPECT_EQ(select.text(1), "new");
  EXPECT_FALSE(select.step());
}

TEST_F(StoreTest, KeepsTheRunsOfAHistoryThatKnewNoImageDigests) {
  {
    Database old(database(), milliseconds(0));
    migrate(old, schema_steps().first(1));
    old.execute(R"(
INSERT INTO runs VALUES(1, 'aaaaaaaaaa', '/repo', 'edcb', 'main', '', 'Add a thing', 'shell', 'cicd/cicd.py', '/work', 0, 1, 9, 'PASSED');
INSERT INTO jobs(run, job, name, stage, image, is_service, depends_on, status, report) VALUES(1, 0, 'Build', 'Pipeline', 'debian', 0, '[]', 'PASSED', 'Cov: 65%');
)");
  }
  Store store(database());
  begin(store, info("bbbbbbbbbb"), 10);
  JobState passed = testing_history::passed_in(5);
  passed.image_digest = "sha256:4abcf2";
  write(store, JobEnded{0, passed});
  const auto runs = store.runs({});
  ASSERT_EQ(ids(runs), (std::vector<std::string>{"bbbbbbbbbb", "aaaaaaaaaa"}));
  const auto old_jobs = store.jobs(runs[1]);
  ASSERT_EQ(old_jobs.size(), 1U);
  EXPECT_EQ(old_jobs[0].state.status, Status::passed);
  EXPECT_EQ(old_jobs[0].state.report, "Cov: 65%");
  EXPECT_EQ(old_jobs[0].state.image_digest, "");
  EXPECT_EQ(store.jobs(runs[0]).at(0).state.image_digest, "sha256:4abcf2");
}

TEST_F(StoreTest, StaysAtItsVersionWhereAMigrationFails) {
  Database database(this->database(), milliseconds(0));
  constexpr std::array broken = {"CREATE TABLE t(a)", "CREATE NONSENSE"};
  constexpr std::array sound = {"CREATE TABLE t(a)", "CREATE TABLE u(b)"};
  EXPECT_THROW(migrate(database, broken), SqlError);
  migrate(database, sound);
  database.execute("SELECT a, b FROM t, u");
}

}  // namespace
}  // namespace jci::history
