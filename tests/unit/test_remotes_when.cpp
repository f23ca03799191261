// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "jci/remotes/mock.hpp"
#include "jci/remotes/when.hpp"
#include "jci/reporters/text.hpp"

namespace jci {
namespace {

JobView job(std::string name, Status status) {
  JobView job;
  job.name = std::move(name);
  job.status = status;
  return job;
}

/// A run by Ann on `release/1` whose test failed; its documentation was built, and nothing was published.
PipelineView failed_run() {
  PipelineView view;
  view.status = Status::failed;
  view.branch = "release/1";
  view.author_name = "Ann";
  view.author_email = "ann@example.org";
  view.stages = {
      {"Test", Status::failed, {job("Unit", Status::failed), job("Docs", Status::passed)}},
      {"Publish", Status::skipped, {job("Upload", Status::skipped)}}};
  return view;
}

bool tells(Occasion occasion, const PipelineView& view) {
  return make_when_remote(std::make_shared<MockRemote>("main", "sha"), std::move(occasion))
      ->wants(view);
}

std::function<bool(Status)> is(Status wanted) { return one_of_statuses({wanted}); }

TEST(When, TellsAlwaysWhereNothingIsSaid) { EXPECT_TRUE(tells({}, failed_run())); }

TEST(When, LooksAtThePipelinesStatus) {
  EXPECT_TRUE(tells({.status = is(Status::failed)}, failed_run()));
  EXPECT_FALSE(tells({.status = is(Status::passed)}, failed_run()));
  PipelineView slow = failed_run();
  slow.status = Status::timeout;
  EXPECT_TRUE(tells({.status = is(Status::failed)}, slow));
  EXPECT_FALSE(tells({.status = is(Status::timeout)}, failed_run()));
}

TEST(When, LooksAtTheBranch) {
  EXPECT_TRUE(tells({.branch = one_of({"main", "release/*"})}, failed_run()));
  EXPECT_FALSE(tells({.branch = one_of({"release"})}, failed_run()));
}

TEST(When, LooksAtTheAuthorsNameAndAddressWhateverTheirCapitals) {
  for (const char* pattern : {"ann", "ANN", "*@example.org", "Ann <ann@example.org>", "*<ann@*>"})
    EXPECT_TRUE(tells({.author = one_of({pattern}, true)}, failed_run())) << pattern;
  EXPECT_FALSE(tells({.author = one_of({"bob*"}, true)}, failed_run()));
}

TEST(When, LooksAtTheJobsOfAStage) {
  EXPECT_TRUE(tells({.stage = one_of({"Test"})}, failed_run()));
  EXPECT_FALSE(tells({.stage = one_of({"Publish"})}, failed_run()));  // none of its jobs ran
  EXPECT_TRUE(tells({.status = is(Status::skipped), .stage = one_of({"Publish"})}, failed_run()));
  EXPECT_FALSE(tells({.status = is(Status::failed), .stage = one_of({"Publish"})}, failed_run()));
}

TEST(When, LooksAtOneJob) {
  EXPECT_TRUE(tells({.status = is(Status::passed), .job = one_of({"Docs"})}, failed_run()));
  EXPECT_FALSE(tells({.status = is(Status::failed), .job = one_of({"Docs"})}, failed_run()));
  EXPECT_FALSE(tells({.stage = one_of({"Publish"}), .job = one_of({"Docs"})}, failed_run()));
}

TEST(When, AsksForTheFilesThatChangedOnceAndOnlyWhereItMatters) {
  int asked = 0;
  const auto files = [&] {
    ++asked;
    return std::vector<std::string>{"docs/a/b.md", "src/c.cpp"};
  };
  EXPECT_FALSE(tells({.branch = one_of({"main"}), .changed = one_of({"*"}), .files_changed = files},
                     failed_run()));
  EXPECT_EQ(asked, 0);
  const auto remote = make_when_remote(std::make_shared<MockRemote>("main", "sha"),
                                       {.changed = one_of({"docs/*"}), .files_changed = files});
  EXPECT_TRUE(remote->wants(failed_run()));
  EXPECT_TRUE(remote->wants(failed_run()));
  EXPECT_EQ(asked, 1);
  EXPECT_FALSE(tells({.changed = one_of({"*.py"}), .files_changed = files}, failed_run()));
}

TEST(When, TellsOfChangesOnly) {
  const auto after = [](std::optional<Status> before, Status now) {
    PipelineView view = failed_run();
    view.before = before;
    view.status = now;
    return tells({.only_change = true}, view);
  };
  EXPECT_TRUE(after(Status::passed, Status::failed));
  EXPECT_TRUE(after(Status::failed, Status::passed));
  EXPECT_TRUE(after(std::nullopt, Status::failed));
  EXPECT_FALSE(after(std::nullopt, Status::passed));
  EXPECT_FALSE(after(Status::failed, Status::timeout));
  EXPECT_FALSE(after(Status::passed, Status::passed));
  EXPECT_FALSE(after(Status::failed, Status::running));
}

TEST(When, NeedsAllThatIsSaid) {
  EXPECT_FALSE(tells({.status = is(Status::failed), .branch = one_of({"main"})}, failed_run()));
}

TEST(When, SpeaksInWordsOfItsOwnAndHandsOnTheRest) {
  const auto inner = std::make_shared<MockRemote>("main", "sha");
  const auto words = std::shared_ptr<Reporter>(make_text_reporter());
  const auto remote = make_when_remote(inner, {}, words);
  EXPECT_EQ(remote->own_reporter(), words);
  EXPECT_EQ(remote->name(), "mock");
  remote->publish("it", failed_run());
  EXPECT_EQ(inner->published(), (std::vector<MockRemote::Published>{{"it", Status::failed}}));
}

}  // namespace
}  // namespace jci
