// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <thread>

#include "history_fixture.hpp"
#include "jci/history/sqlite.hpp"
#include "jci/run/past.hpp"

namespace jci::run {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing_history::info;
using testing_history::pipeline;
using testing_history::tell_run;

class RunPast : public testing_history::HistoryFixture {
 protected:
  RunPast() {
    const Pipeline jobs = pipeline({"Build"});
    history::Recorder recorder({.state = state(), .patience = std::chrono::seconds(60)});
    tell_run(recorder, jobs, info("aaaaaaaaaa"));
  }
};

TEST_F(RunPast, TellsHowLongJobsTook) {
  EXPECT_THAT(times_before(state(), info("bbbbbbbbbb")),
              ElementsAre(Pair("Build", Nanoseconds(5))));
}

TEST_F(RunPast, TellsNothingOfRunsOnAnotherExecutor) {
  RunInfo other = info("bbbbbbbbbb");
  other.executor = "another";
  EXPECT_THAT(times_before(state(), other), IsEmpty());
}

TEST_F(RunPast, TellsWhichExecutorRanTheConfig) {
  const RunInfo before = info("aaaaaaaaaa");
  EXPECT_EQ(executor_before(state(), before.repo_root, before.config), before.executor);
  EXPECT_EQ(executor_before(state(), before.repo_root, "another.py"), "");
  EXPECT_EQ(executor_before(state(), "/another/repository", before.config), "");
}

TEST_F(RunPast, MakesNoHistoryOfItsOwn) {
  const std::filesystem::path empty = state() / "empty";
  EXPECT_EQ(executor_before(empty, "/repository", "cicd/cicd.py"), "");
  EXPECT_FALSE(std::filesystem::exists(empty));
}

// As the run's own recorder does, in its thread.
TEST_F(RunPast, IsReadThoughAnotherOpensTheHistory) {
  auto opening = std::make_unique<history::Database>(database(), milliseconds(0));
  opening->execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  std::jthread opens([&] {
    // How long the other has it: what waits is what is tested, and sooner or later nothing else would end.
    std::this_thread::sleep_for(milliseconds(5));
    opening.reset();
  });
  EXPECT_THAT(times_before(state(), info("bbbbbbbbbb")),
              ElementsAre(Pair("Build", Nanoseconds(5))));
}

}  // namespace
}  // namespace jci::run
