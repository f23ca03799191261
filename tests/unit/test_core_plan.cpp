// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "graph.hpp"
#include "jci/core/plan.hpp"

namespace jci {
namespace {

using test::graph;
using Names = std::vector<std::string>;

/// A plan that talks in names.
class Planned {
 public:
  explicit Planned(std::string_view drawing) : pipeline(graph(drawing)), plan(pipeline) {}

  /// All that may start now, in order.
  Names take() {
    Names taken;
    while (const auto job = plan.take_ready()) taken.push_back(pipeline.jobs()[*job].name);
    return taken;
  }
  Names end(std::string_view job, Status status = Status::passed) {
    return names(plan.finished(id(job), status));
  }
  void up(std::string_view job) { plan.service_up(id(job)); }
  Names give_up() { return names(plan.give_up()); }
  std::string why(std::string_view job) const { return plan.why_waiting(id(job)); }
  std::string after(std::string_view job) const {
    const auto next = plan.next_after(id(job));
    return next ? pipeline.jobs()[*next].name : "";
  }
  std::string promise(std::string_view job) {
    const auto next = plan.promise_after(id(job));
    return next ? pipeline.jobs()[*next].name : "";
  }

  Pipeline pipeline;
  Plan plan;

 private:
  JobId id(std::string_view job) const { return pipeline.find_job(job)->id; }
  Names names(const std::vector<JobId>& ids) const {
    Names named;
    for (const JobId each : ids) named.push_back(pipeline.jobs()[each].name);
    return named;
  }
};

TEST(Plan, IsDoneAtOnceWithoutJobs) {
  Planned p("| |");
  EXPECT_EQ(p.take(), Names{});
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, TellsWhichJobIsReadyOnceARunningOneHasPassed) {
  Planned p("a b c<a,b d<a e<d f<a");
  p.take();
  EXPECT_EQ(p.after("a"), "d");  // more waits for it than for f; c waits for b as well
  EXPECT_EQ(p.after("b"), "");
  p.end("b");
  EXPECT_EQ(p.after("a"), "d");
  p.end("a");
  EXPECT_EQ(p.take(), (Names{"d", "c", "f"}));
  EXPECT_EQ(p.after("d"), "e");
  p.give_up();
  EXPECT_EQ(p.after("d"), "");
}

TEST(Plan, KeepsAPromise) {
  Planned p("a b c<a d<c e<b");
  p.take();
  EXPECT_EQ(p.promise("a"), "c");
  EXPECT_EQ(p.promise("a"), "");  // that one is promised
  EXPECT_EQ(p.after("a"), "");
  EXPECT_EQ(p.why("c"), "waits for `a`");
  EXPECT_EQ(p.give_up(), (Names{"d", "e"}));
  EXPECT_EQ(p.end("b"), Names{});
  EXPECT_EQ(p.end("a"), Names{});
  EXPECT_EQ(p.take(), Names{"c"});
  EXPECT_FALSE(p.plan.done());
  p.end("c");
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, HandsOutAPromisedJobBeforeMoreUrgentOnes) {
  Planned p("a b c<a d<b e<d f<e");
  p.take();
  EXPECT_EQ(p.promise("a"), "c");
  p.end("b");
  p.end("a");
  EXPECT_EQ(p.take(), (Names{"c", "d"}));
}

TEST(Plan, SkipsAPromisedJobWhereTheOneBeforeEndsBadly) {
  Planned p("a b<a c<b");
  p.take();
  EXPECT_EQ(p.promise("a"), "b");
  EXPECT_EQ(p.end("a", Status::failed), (Names{"b", "c"}));
  EXPECT_EQ(p.take(), Names{});
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, PromisesWhatFollowsAPromisedJobToo) {
  Planned p("a b<a c<b d<c");
  p.take();
  EXPECT_EQ(p.promise("a"), "b");
  EXPECT_EQ(p.promise("b"), "c");
  EXPECT_EQ(p.give_up(), Names{"d"});
  p.end("a");
  EXPECT_EQ(p.take(), Names{"b"});
  EXPECT_EQ(p.end("b", Status::cancelled), Names{"c"});
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, SkipsAllThatWasPromisedAfterAJobThatEndsBadly) {
  Planned p("a b<a c<b d<c");
  p.take();
  p.promise("a");
  p.promise("b");
  EXPECT_EQ(p.end("a", Status::failed), (Names{"b", "c", "d"}));
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, PromisesNothingThatOthersMayTakeAlongOrWouldWaitFor) {
  Planned waited("a b c<a d<a");
  EXPECT_EQ(waited.plan.take_ready(), 0U);
  EXPECT_EQ(waited.promise("a"), "");  // b is ready
  Planned served("s* a b<a");
  served.take();
  served.up("s");
  EXPECT_EQ(served.promise("a"), "");  // which s, should it die, has skipped
}

TEST(Plan, KeepsAPromiseWhoseTurnHasComeThoughTheRunIsGivenUp) {
  Planned p("a b<a");
  p.take();
  EXPECT_EQ(p.promise("a"), "b");
  p.end("a");
  EXPECT_EQ(p.give_up(), Names{});
  EXPECT_EQ(p.take(), Names{"b"});
  p.end("b", Status::cancelled);
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, CanBreakItsPromises) {
  Planned p("a b<a");
  p.take();
  p.promise("a");
  p.plan.break_promises();
  EXPECT_EQ(p.give_up(), Names{"b"});
}

TEST(Plan, HandsOutIndependentJobsAtOnceInOrderOfDeclaration) {
  Planned p("c a b");
  EXPECT_EQ(p.take(), (Names{"c", "a", "b"}));
  EXPECT_FALSE(p.plan.done());
  for (const auto* job : {"a", "b", "c"}) p.end(job);
  EXPECT_TRUE(p.plan.done());
}

//  a --> b --> d
//   `--> c --´
TEST(Plan, StartsAJobOnceAllItsParentsHavePassed) {
  Planned p("a b<a c<a d<b,c");
  EXPECT_EQ(p.take(), (Names{"a"}));
  p.end("a");
  EXPECT_EQ(p.take(), (Names{"b", "c"}));
  p.end("c");
  EXPECT_EQ(p.take(), Names{});
  p.end("b");
  EXPECT_EQ(p.take(), (Names{"d"}));
}

//  a    b --> c    d --> e --> f
TEST(Plan, StartsTheLongestChainFirst) {
  Planned p("a b c<b d e<d f<e");
  EXPECT_EQ(p.take(), (Names{"d", "b", "a"}));
}

//  a --> b --> c
//  d --> e
TEST(Plan, SkipsTheDescendantsOfAJobThatFailedAndGoesOnWithTheRest) {
  Planned p("a b<a c<b d e<d");
  p.take();
  EXPECT_EQ(p.end("a", Status::failed), (Names{"b", "c"}));
  p.end("d");
  EXPECT_EQ(p.take(), (Names{"e"}));
  p.end("e");
  EXPECT_TRUE(p.plan.done());
}

//  a --> c <-- b
TEST(Plan, SkipsAJobOnceWhenBothItsParentsFail) {
  Planned p("a b c<a,b");
  p.take();
  EXPECT_EQ(p.end("a", Status::failed), (Names{"c"}));
  EXPECT_EQ(p.end("b", Status::failed), Names{});
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, TreatsTimeoutsAndCancelledJobsAsFailed) {
  for (const auto status : {Status::timeout, Status::cancelled, Status::skipped}) {
    Planned p("a b<a | c");
    p.take();
    EXPECT_EQ(p.end("a", status), (Names{"b", "c"})) << to_string(status);
    EXPECT_TRUE(p.plan.done());
  }
}

TEST(Plan, OpensAStageOnceEveryJobOfTheOneBeforeHasPassed) {
  Planned p("a b | c | d");
  EXPECT_EQ(p.take(), (Names{"a", "b"}));
  p.end("a");
  EXPECT_EQ(p.take(), Names{});
  p.end("b");
  EXPECT_EQ(p.take(), (Names{"c"}));
  p.end("c");
  EXPECT_EQ(p.take(), (Names{"d"}));
}

TEST(Plan, PassesOverEmptyStages) {
  Planned p("| | a | | b |");
  EXPECT_EQ(p.take(), (Names{"a"}));
  p.end("a");
  EXPECT_EQ(p.take(), (Names{"b"}));
  p.end("b");
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, SkipsAllLaterStagesOnceAJobFailsThoughItsStageGoesOn) {
  Planned p("a b c<b | d | e");
  p.take();
  EXPECT_EQ(p.end("a", Status::failed), (Names{"d", "e"}));
  p.end("b");
  EXPECT_EQ(p.take(), (Names{"c"}));
  p.end("c");
  EXPECT_EQ(p.take(), Names{});
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, ReturnsSkippedJobsInOrderOfDeclaration) {
  Pipeline pipeline;
  pipeline.begin_stage("late", {});
  pipeline.end_stage();
  pipeline.add_job("a", "true", {});
  pipeline.add_job("x", "true", {{}, {}, "late"});
  pipeline.add_job("b", "true", {{}, {"a"}, {}});
  pipeline.add_job("y", "true", {{}, {}, "late"});
  Plan plan(pipeline);
  EXPECT_EQ(plan.take_ready(), 0U);
  EXPECT_EQ(plan.finished(0, Status::failed), (std::vector<JobId>{1, 2, 3}));
}

//  db* --> migrate
TEST(Plan, LetsDependantsAndStagesGoOnOnceAServiceIsUp) {
  Planned p("db* migrate<db | test");
  EXPECT_EQ(p.take(), (Names{"db"}));
  p.up("db");
  EXPECT_EQ(p.take(), (Names{"migrate"}));
  p.up("db");
  p.end("migrate");
  EXPECT_EQ(p.take(), (Names{"test"}));
  p.end("test");
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, IsDoneWhileServicesAreUp) {
  Planned p("db*");
  p.take();
  EXPECT_FALSE(p.plan.done());
  p.up("db");
  EXPECT_TRUE(p.plan.done());
  EXPECT_EQ(p.end("db"), Names{});
  EXPECT_TRUE(p.plan.done());
}

TEST(Plan, TakesAServiceThatEndsWellBeforeItIsUpAsPassed) {
  Planned p("setup* | test");
  p.take();
  p.end("setup");
  EXPECT_EQ(p.take(), (Names{"test"}));
}

TEST(Plan, SkipsEverythingBehindAServiceThatNeverCameUp) {
  Planned p("db* migrate<db | test");
  p.take();
  EXPECT_EQ(p.end("db", Status::failed), (Names{"migrate", "test"}));
  EXPECT_TRUE(p.plan.done());
}

//  db* --> a --> b      stage 1: c d --> e
TEST(Plan, SkipsWhatHasNotStartedWhenAServiceDies) {
  Planned p("db* a<db | c d<c | e");
  p.take();
  p.up("db");
  p.take();
  p.end("a");
  EXPECT_EQ(p.take(), (Names{"c"}));
  EXPECT_EQ(p.end("db", Status::failed), (Names{"d", "e"}));
  EXPECT_FALSE(p.plan.done());  // c still runs
  p.end("c");
  EXPECT_EQ(p.take(), Names{});
  EXPECT_TRUE(p.plan.done());
}

//  db* --> a --> b
TEST(Plan, SkipsBelowARunningDependantOfAServiceThatDies) {
  Planned p("db* a<db b<a");
  p.take();
  p.up("db");
  EXPECT_EQ(p.take(), (Names{"a"}));
  EXPECT_EQ(p.end("db", Status::failed), (Names{"b"}));
  p.end("a");
  EXPECT_EQ(p.take(), Names{});
}

TEST(Plan, SkipsJobsThatWereReadyButNotTaken) {
  Planned p("db* a<db b<db");
  EXPECT_EQ(p.take(), (Names{"db"}));
  p.up("db");
  EXPECT_EQ(p.pipeline.jobs()[*p.plan.take_ready()].name, "a");
  EXPECT_EQ(p.end("db", Status::failed), (Names{"b"}));
  EXPECT_EQ(p.take(), Names{});
}

TEST(Plan, HandsOutNothingMoreOnceGivenUp) {
  Planned p("a b<a c | d");
  EXPECT_EQ(p.pipeline.jobs()[*p.plan.take_ready()].name, "a");
  EXPECT_EQ(p.give_up(), (Names{"b", "c", "d"}));
  EXPECT_FALSE(p.plan.done());
  EXPECT_EQ(p.end("a"), Names{});
  EXPECT_EQ(p.take(), Names{});
  EXPECT_TRUE(p.plan.done());
  EXPECT_EQ(p.give_up(), Names{});
}

TEST(Plan, SaysWhyAJobIsNotHandedOut) {
  Planned p("a b c<a,b d* | e");
  EXPECT_EQ(p.why("a"), "ready");
  EXPECT_EQ(p.why("c"), "waits for `a`, `b`");
  EXPECT_EQ(p.why("e"), "waits for stage `Pipeline`");
  p.take();
  EXPECT_EQ(p.why("a"), "taken");
  p.up("d");
  EXPECT_EQ(p.why("d"), "up");
  p.end("b");
  EXPECT_EQ(p.why("b"), "finished");
  EXPECT_EQ(p.why("c"), "waits for `a`");
}

TEST(Plan, CutsALongListOfParents) {
  EXPECT_EQ(Planned("a b c d e f<a,b,c,d,e").why("f"), "waits for `a`, `b`, `c` and 2 more");
}

TEST(Plan, SaysWhoseEndCausedASkip) {
  const auto why_after = [](Status status) {
    Planned p("a b<a c<b | d");
    p.take();
    p.end("a", status);
    EXPECT_EQ(p.why("d"), p.why("c"));
    return p.why("c");
  };
  EXPECT_EQ(why_after(Status::failed), "skipped: `a` failed");
  EXPECT_EQ(why_after(Status::timeout), "skipped: `a` timed out");
  EXPECT_EQ(why_after(Status::cancelled), "skipped: `a` was cancelled");
  Planned p("a");
  p.give_up();
  EXPECT_EQ(p.why("a"), "skipped: the run ended before its turn");
}

TEST(Plan, WalksAChainOf100000Jobs) {
  constexpr JobId k_jobs = 100'000;
  Pipeline pipeline;
  for (JobId i = 0; i < k_jobs; ++i)
    pipeline.add_job("j" + std::to_string(i), "true",
                     {{}, i == 0 ? Names{} : Names{"j" + std::to_string(i - 1)}, {}});
  Plan passing(pipeline);
  for (JobId i = 0; i < k_jobs; ++i) {
    ASSERT_EQ(passing.take_ready(), i);
    ASSERT_TRUE(passing.finished(i, Status::passed).empty());
  }
  EXPECT_TRUE(passing.done());
  Plan failing(pipeline);
  EXPECT_EQ(failing.take_ready(), 0U);
  EXPECT_EQ(failing.finished(0, Status::failed).size(), k_jobs - 1);
  EXPECT_TRUE(failing.done());
}

/// The rules of the plan once more, written for the reader and not for speed: each answer is found by looking at all jobs.
class Oracle {
 public:
  explicit Oracle(const Pipeline& pipeline)
      : jobs_(pipeline.jobs()), is_(jobs_.size(), Is::waiting) {}

  std::optional<JobId> next() const {
    std::optional<JobId> best;
    for (const auto& job : jobs_)
      if (may_start(job) && (!best || chain_below(job.id) > chain_below(*best))) best = job.id;
    return best;
  }
  bool may_start(const Job& job) const {
    return is_[job.id] == Is::waiting && std::ranges::all_of(jobs_, [&](const Job& other) {
             return !must_precede(other, job) || is_[other.id] == Is::good;
           });
  }
  bool done() const {
    return std::ranges::all_of(jobs_, [&](const Job& job) { return is_[job.id] > Is::taken; });
  }
  void take(JobId job) { is_[job] = Is::taken; }
  void good(JobId job) { is_[job] = Is::good; }
  std::vector<JobId> bad(JobId job) {
    is_[job] = Is::bad;
    return skip_where(
        [&](const Job& other) { return jobs_[job].stage < other.stage || descends(other, job); });
  }
  std::vector<JobId> give_up() {
    return skip_where([](const Job&) { return true; });
  }
  bool taken(JobId job) const { return is_[job] == Is::taken; }

 private:
  enum class Is { waiting, taken, good, bad, skipped };

  static bool must_precede(const Job& first, const Job& then) {
    return first.stage < then.stage ||
           (std::ranges::find(then.depends_on, first.id) != then.depends_on.end());
  }
  bool descends(const Job& job, JobId from) const {
    return std::ranges::any_of(job.depends_on,
                               [&](JobId p) { return p == from || descends(jobs_[p], from); });
  }
  int chain_below(JobId job) const {
    int longest = 0;
    for (const auto& child : jobs_)
      if ((std::ranges::find(child.depends_on, job) != child.depends_on.end()))
        longest = std::max(longest, 1 + chain_below(child.id));
    return longest;
  }
  std::vector<JobId> skip_where(auto hit) {
    std::vector<JobId> skipped;
    for (const auto& job : jobs_) {
      if (is_[job.id] != Is::waiting || !hit(job)) continue;
      is_[job.id] = Is::skipped;
      skipped.push_back(job.id);
    }
    return skipped;
  }

  const std::deque<Job>& jobs_;
  std::vector<Is> is_;
};

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_);
  }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::mt19937 engine_;
};

Pipeline random_pipeline(Dice& dice) {
  Pipeline pipeline;
  const auto stages = 1 + dice.below(4);
  for (std::size_t i = 1; i < stages; ++i) {
    pipeline.begin_stage("stage" + std::to_string(i), {});
    pipeline.end_stage();
  }
  const auto jobs = dice.below(13);
  for (std::size_t i = 0; i < jobs; ++i) {
    const auto& stage = pipeline.stages()[dice.below(stages)];
    JobOptions options;
    options.stage = stage.name;
    if (dice.one_in(4)) options.settings.is_service = true;
    for (const JobId other : stage.jobs)
      if (dice.one_in(3)) options.depends_on.push_back(pipeline.jobs()[other].name);
    pipeline.add_job("j" + std::to_string(i), "true", options);
  }
  return pipeline;
}

/// Drives a plan and the oracle with the same random events, and compares all they say.
class Comparison {
 public:
  Comparison(const Pipeline& pipeline, Dice& dice)
      : pipeline_(pipeline), dice_(dice), plan_(pipeline), oracle_(pipeline) {}

  void run() {
    compare();
    while (!testing::Test::HasFailure() && !(oracle_.done() && running_.empty())) {
      step();
      compare();
    }
  }

 private:
  void step() {
    if (dice_.one_in(60)) {
      EXPECT_EQ(plan_.give_up(), oracle_.give_up());
    } else if (running_.empty() || dice_.one_in(2)) {
      take();
    } else {
      move_on(dice_.below(running_.size()));
    }
  }
  void take() {
    const auto expected = oracle_.next();
    ASSERT_EQ(plan_.take_ready(), expected);
    if (!expected) return;
    oracle_.take(*expected);
    running_.push_back(*expected);
  }
  void move_on(std::size_t at) {
    const JobId job = running_[at];
    if (pipeline_.jobs()[job].is_service() && oracle_.taken(job) && dice_.one_in(2)) {
      plan_.service_up(job);
      oracle_.good(job);
      return;
    }
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(at));
    constexpr std::array k_ends = {Status::passed,   Status::passed, Status::passed,
                                   Status::passed,   Status::failed, Status::timeout,
                                   Status::cancelled};
    const auto end = k_ends[dice_.below(k_ends.size())];
    const auto skipped = plan_.finished(job, end);
    if (is_bad(end)) {
      EXPECT_EQ(skipped, oracle_.bad(job));
    } else {
      EXPECT_EQ(skipped, std::vector<JobId>{});
      oracle_.good(job);
    }
  }
  void compare() const {
    EXPECT_EQ(plan_.done(), oracle_.done());
    for (const auto& job : pipeline_.jobs())
      EXPECT_EQ(plan_.why_waiting(job.id) == "ready", oracle_.may_start(job)) << job.name;
  }

  const Pipeline& pipeline_;
  Dice& dice_;
  Plan plan_;
  Oracle oracle_;
  std::vector<JobId> running_;
};

TEST(Plan, AgreesWithThePlainRulesOnRandomPipelines) {
  for (unsigned seed = 0; seed < 5000 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    const Pipeline pipeline = random_pipeline(dice);
    Comparison(pipeline, dice).run();
  }
}

}  // namespace
}  // namespace jci
