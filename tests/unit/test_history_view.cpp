// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "history_fixture.hpp"
#include "jci/core/settings.hpp"
#include "jci/history/recorder.hpp"
#include "jci/history/sqlite.hpp"
#include "jci/history/view.hpp"
#include "jci/reporters/json.hpp"

namespace jci::history {
namespace {

using testing::ElementsAre;
using testing_history::at;
using testing_history::info;

/// Build -> Test, then Publish in a stage of its own.
Pipeline two_stages() {
  Pipeline made;
  made.add_job("Build", std::string("true"), {});
  made.add_job("Test", std::string("true"), {.settings = {}, .depends_on = {"Build"}, .stage = {}});
  made.begin_stage("ship", {});
  made.add_job("Publish", std::string("true"), {});
  made.end_stage();
  return made;
}

class HistoryView : public testing_history::HistoryFixture {
 protected:
  static RunInfo authored(const std::string& pipe_id) {
    auto run = info(pipe_id);
    run.commit_message = "Add a thing";  // the history keeps no more of it
    run.author_name = "Ada";
    run.author_email = "ada@example.org";
    return run;
  }

  static JobState failed_test() {
    return {.status = Status::failed,
            .run_id = "4712",
            .started_at = at(2'000'000),
            .took = std::chrono::seconds(3),
            .outcome = Exited{1},
            .report = "Cov: 65%",
            .up_after = std::chrono::milliseconds(7),
            .tests = TestResults{.passed = 1, .failed = 1, .failures = {{"s", "t", "m"}}},
            .coverage = Coverage{.percent = 65, .before = 60},
            .warnings = {"careful"}};
  }

  /// Tells of a run up to its end, or leaves it there.
  void tell(const Pipeline& pipeline, Observer& observer, JobStates& states, bool ends) const {
    observer.on_event(RunStarted{pipeline, authored("aaaaaaaaaa"), at(0)});
    observer.on_event(JobStarted{pipeline.jobs()[0], "4711", at(1)});
    states[0] = testing_history::passed_in(5'000'000);
    observer.on_event(JobFinished{pipeline.jobs()[0], states[0], at(2)});
    observer.on_event(JobStarted{pipeline.jobs()[1], "4712", at(2'000'000)});
    states[1].status = Status::running;
    states[1].run_id = "4712";
    states[1].started_at = at(2'000'000);
    observer.on_event(JobOutput{pipeline.jobs()[1], Stream::out, "no\nluck\n"});
    if (!ends) return;
    states[1] = failed_test();
    observer.on_event(JobFinished{pipeline.jobs()[1], states[1], at(5'000'000)});
    states[2].status = Status::skipped;
    observer.on_event(JobFinished{pipeline.jobs()[2], states[2], at(5'000'000)});
    observer.on_event(RunFinished{Status::failed, at(5'000'000), std::chrono::seconds(5)});
  }

  PipelineView rebuilt(WallTime now = at(9'000'000)) const {
    Store store(database());
    return view_of(store, store.runs({}).at(0), state(), now);
  }

  /// What the run itself would have reported.
  static PipelineView original(const Pipeline& pipeline, const JobStates& states, WallTime now) {
    auto view = snapshot(pipeline, states, now);
    const auto run = authored("aaaaaaaaaa");
    view.pipe_id = run.pipe_id;
    view.sha = run.sha;
    view.branch = run.branch;
    view.remote = run.remote;
    view.commit_message = run.commit_message;
    view.author_name = run.author_name;
    view.author_email = run.author_email;
    return view;
  }

  static std::string as_text(const PipelineView& view) {
    return make_json_reporter()->render(view);
  }

  static std::vector<Status> statuses(const PipelineView& view) {
    std::vector<Status> found;
    for (const auto& stage : view.stages)
      for (const auto& job : stage.jobs) found.push_back(job.status);
    return found;
  }
};

TEST_F(HistoryView, GivesBackTheViewThatTheRunEndedWith) {
  const Pipeline pipeline = two_stages();
  JobStates states(3);
  Recorder recorder({.state = state(), .patience = std::chrono::seconds(60)});
  tell(pipeline, recorder, states, true);
  recorder.finish();
  auto expected = original(pipeline, states, at(9'000'000));
  expected.stages[0].jobs[1].log_tail = "no\nluck\n";
  EXPECT_EQ(as_text(rebuilt()), as_text(expected));
}

TEST_F(HistoryView, ShowsARunThatGoesOnAsItStands) {
  const Pipeline pipeline = two_stages();
  JobStates states(3);
  Recorder recorder({.state = state(), .patience = std::chrono::seconds(60)});
  tell(pipeline, recorder, states, false);
  recorder.finish();  // all is written; the run's lock is still held
  EXPECT_EQ(as_text(rebuilt()), as_text(original(pipeline, states, at(9'000'000))));
}

TEST_F(HistoryView, ShowsWhatAnInterruptedRunWasDoingAsCancelledAndTheRestAsSkipped) {
  const Pipeline pipeline = two_stages();
  JobStates states(3);
  {
    Recorder recorder({.state = state(), .patience = std::chrono::seconds(60)});
    tell(pipeline, recorder, states, false);
  }
  const auto view = rebuilt();
  EXPECT_EQ(view.status, Status::cancelled);
  EXPECT_THAT(statuses(view), ElementsAre(Status::passed, Status::cancelled, Status::skipped));
  EXPECT_EQ(view.stages[0].jobs[1].log_tail, "no\nluck\n");
  EXPECT_EQ(view.stages[0].jobs[1].elapsed, std::nullopt);
}

TEST_F(HistoryView, KnowsHowTheRunBeforeOfTheSameBranchEnded) {
  const Pipeline pipeline = testing_history::pipeline({"Build"});
  const auto record = [&](const std::string& pipe_id, const std::string& branch, Status status,
                          int second) {
    auto run = info(pipe_id);
    run.branch = branch;
    Recorder recorder({.state = state(), .patience = std::chrono::seconds(60)});
    recorder.on_event(RunStarted{pipeline, run, at(second * 1'000'000)});
    recorder.on_event(RunFinished{status, at(second * 1'000'000 + 1), Nanoseconds(1)});
  };
  record("aaaaaaaaaa", "main", Status::passed, 1);
  record("bbbbbbbbbb", "other", Status::failed, 2);
  record("cccccccccc", "main", Status::failed, 3);
  Store store(database());
  const auto before = [&](const std::string& pipe_id) {
    return view_of(store, store.runs({.id_prefix = pipe_id}).at(0), state()).before;
  };
  EXPECT_EQ(before("cccccccccc"), Status::passed);
  EXPECT_EQ(before("aaaaaaaaaa"), std::nullopt);
}

}  // namespace
}  // namespace jci::history
