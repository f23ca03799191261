// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "graph.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/pipeline.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;

Settings service() { return {{}, {}, true, {}, {}, {}, {}, {}}; }
JobOptions after(std::vector<std::string> parents) { return {{}, std::move(parents), {}}; }

std::string complaint(auto mistake) {
  try {
    mistake();
    return "";
  } catch (const BadConfig& error) {
    return error.what();
  }
}

TEST(Pipeline, PutsJobsOutsideAnyStageIntoTheDefaultOne) {
  Pipeline p;
  p.add_job("a", "true", {});
  p.begin_stage("check", {});
  p.add_job("b", "true", {});
  p.end_stage();
  p.add_job("c", "true", {});
  ASSERT_EQ(p.stages().size(), 2U);
  EXPECT_EQ(p.stages()[0].name, k_default_stage);
  EXPECT_EQ(p.stages()[0].jobs, (std::vector<JobId>{0, 2}));
  EXPECT_EQ(p.stages()[1].jobs, (std::vector<JobId>{1}));
}

TEST(Pipeline, LetsAJobJoinADeclaredStageByName) {
  Pipeline p;
  p.begin_stage("unit tests", {});
  p.end_stage();
  EXPECT_EQ(p.add_job("a", "true", {{}, {}, "unit tests"}).stage, 1U);
  EXPECT_EQ(p.add_job("b", "true", {{}, {}, "unit-tests"}).stage, 1U);
  EXPECT_EQ(complaint([&] { p.add_job("c", "true", {{}, {}, "unit test"}); }),
            "job `c` joins stage `unit test`, which is not declared; did you mean `unit-tests`?");
  EXPECT_EQ(complaint([&] { p.add_job("c", "true", {{}, {}, "a"}); }),
            "job `c` joins stage `a`, which is a job");
}

TEST(Pipeline, AppliesSettingsFromOutsideIn) {
  Pipeline p({"outer", 5s, {}, {{"A", "pipeline"}, {"B", "pipeline"}}, {}, {}, {}, {}});
  p.begin_stage("s", {"stage", {}, {}, {{"B", "stage"}}, {}, {}, {}, {}});
  const Job& job = p.add_job("j", "true", {{{}, {}, {}, {{"C", "job"}}, {}, {}, {}, {}}, {}, {}});
  EXPECT_EQ(
      *job.settings,
      (Settings{
          "stage", 5s, {}, {{"A", "pipeline"}, {"B", "stage"}, {"C", "job"}}, {}, {}, {}, {}}));
  EXPECT_EQ(p.defaults().image, "outer");
}

TEST(Pipeline, HasTheDocumentedDefaults) {
  Pipeline p;
  const Job& job = p.add_job("j", "true", {});
  EXPECT_EQ(job.image(), "arjoonn/jci");
  EXPECT_EQ(job.timeout(), 900s);
  EXPECT_FALSE(job.is_service());
}

TEST(Pipeline, SharesSettingsBetweenJobsThatSayNothing) {
  Pipeline p({"image", {}, {}, {}, {}, {}, {}, {}});
  const auto& a = p.add_job("a", "true", {});
  const auto& b = p.add_job("b", "true", {});
  EXPECT_EQ(a.settings, b.settings);
  EXPECT_EQ(a.settings, p.stages().front().settings);
}

TEST(Pipeline, CleansNamesAndFindsThemEitherWay) {
  Pipeline p;
  const Job& job = p.add_job("Test: 1", "true", {});
  EXPECT_EQ(job.name, "Test--1");
  EXPECT_EQ(p.find_job("Test: 1"), &job);
  EXPECT_EQ(p.find_job("Test--1"), &job);
  EXPECT_EQ(p.find_job("Test"), nullptr);
  EXPECT_EQ(p.find_stage("Pipeline"), &p.stages().front());
  EXPECT_EQ(p.find_stage("Test: 1"), nullptr);
}

TEST(Pipeline, ResolvesParentsWrittenAsDeclaredOrCleanedAndDropsRepeats) {
  Pipeline p;
  p.add_job("a b", "true", {});
  p.add_job("c", "true", {});
  EXPECT_EQ(p.add_job("d", "true", after({"c", "a b", "a-b", "c"})).depends_on,
            (std::vector<JobId>{1, 0}));
}

TEST(Pipeline, RefusesANameThatIsTaken) {
  Pipeline p;
  p.begin_stage("unit tests", {});
  p.end_stage();
  p.add_job("a b", "true", {});
  p.add_job("c", "true", {});
  const std::string advice = "; jobs and stages need names of their own";
  EXPECT_EQ(complaint([&] { p.add_job("c", "true", {}); }),
            "job `c`: the name is taken by job `c`" + advice);
  EXPECT_EQ(complaint([&] { p.begin_stage("c", {}); }),
            "stage `c`: the name is taken by job `c`" + advice);
  EXPECT_EQ(complaint([&] { p.add_job("a.b", "true", {}); }),
            "job `a.b`: the name is taken by job `a b` (both are used as `a-b`)" + advice);
  EXPECT_EQ(complaint([&] { p.add_job("a b", "true", {}); }),
            "job `a b`: the name is taken by job `a b`" + advice);
  EXPECT_EQ(
      complaint([&] { p.add_job("unit.tests", "true", {}); }),
      "job `unit.tests`: the name is taken by stage `unit tests` (both are used as `unit-tests`)" +
          advice);
  EXPECT_EQ(complaint([&] { p.add_job("Pipeline", "true", {}); }),
            "job `Pipeline`: the name is taken by stage `Pipeline`, which holds the jobs outside "
            "of any stage" +
                advice);
}

TEST(Pipeline, RefusesAnEmptyName) {
  Pipeline p;
  EXPECT_EQ(complaint([&] { p.add_job("", "true", {}); }),
            "a job needs a name, and this one's is empty");
  EXPECT_EQ(complaint([&] { p.begin_stage("", {}); }),
            "a stage needs a name, and this one's is empty");
}

TEST(Pipeline, RefusesAStageInsideAStage) {
  Pipeline p;
  p.begin_stage("a 1", {});
  EXPECT_EQ(complaint([&] { p.begin_stage("b", {}); }),
            "stage `b` begins inside stage `a 1`; stages do not nest: end that one first");
}

TEST(Pipeline, RefusesAParentThatIsNotDeclared) {
  Pipeline p;
  p.add_job("build", "true", {});
  EXPECT_EQ(complaint([&] { p.add_job("test", "true", after({"biuld"})); }),
            "job `test` depends on `biuld`, which is not declared; did you mean `build`?");
  EXPECT_EQ(complaint([&] { p.add_job("test", "true", after({"deploy"})); }),
            "job `test` depends on `deploy`, which is not declared; declare it before");
  EXPECT_EQ(complaint([&] { p.add_job("test", "true", after({"test"})); }),
            "job `test` depends on itself");
}

TEST(Pipeline, RefusesADependencyAcrossStages) {
  Pipeline p;
  p.begin_stage("make", {});
  p.add_job("build", "true", {});
  p.end_stage();
  p.begin_stage("check", {});
  EXPECT_EQ(complaint([&] { p.add_job("test", "true", after({"build"})); }),
            "job `test` depends on `build` of stage `make`; stages run in order already, so that "
            "the dependency is not "
            "needed: leave it out");
  EXPECT_EQ(complaint([&] { p.add_job("test", "true", after({"make"})); }),
            "job `test` depends on `make`, which is a stage; stages run in order already, and only "
            "jobs of one stage can "
            "depend on each other");
  p.end_stage();
  EXPECT_EQ(complaint([&] { p.add_job("test", "true", after({"build"})); }),
            "job `test` depends on `build` of stage `make`, but jobs outside of any stage run "
            "before stage `make`; declare "
            "both in one stage, or the dependant in a later one");
}

TEST(Pipeline, RefusesADependencyOnALaterStage) {
  Pipeline p;
  p.begin_stage("early", {});
  p.end_stage();
  p.begin_stage("late", {});
  p.add_job("build", "true", {});
  p.end_stage();
  EXPECT_EQ(complaint([&] { p.add_job("test", "true", {{}, {"build"}, "early"}); }),
            "job `test` depends on `build` of stage `late`, but stage `early` runs before it; "
            "declare both in one stage, or "
            "the dependant in a later one");
}

TEST(Pipeline, RefusesAJobWithoutACommandUnlessItIsAService) {
  Pipeline p;
  EXPECT_EQ(
      complaint([&] { p.add_job("db", {}, {}); }),
      "job `db` has no command; give it one, or `is_service=True` if its image starts by itself");
  EXPECT_TRUE(
      std::holds_alternative<std::monostate>(p.add_job("db", {}, {service(), {}, {}}).command));
}

TEST(Pipeline, RefusesACommandThatCannotRun) {
  using Argv = std::vector<std::string>;
  Pipeline p;
  EXPECT_EQ(complaint([&] { p.add_job("j", "", {}); }), "job `j` has an empty command");
  EXPECT_EQ(complaint([&] { p.add_job("j", " \n\t", {service(), {}, {}}); }),
            "job `j` has an empty command");
  EXPECT_EQ(complaint([&] { p.add_job("j", Argv{}, {}); }),
            "job `j` has an empty list as its command; its first item is the program");
  EXPECT_EQ(complaint([&] { p.add_job("j", Argv{"", "x"}, {}); }),
            "job `j` has a command whose first item, the program, is empty");
  EXPECT_EQ(complaint([&] { p.add_job("j", Argv{"echo", std::string("a\0b", 3)}, {}); }),
            "job `j` has a NUL byte in its command, which no program can be given");
  EXPECT_EQ(p.add_job("j", Argv{"echo", ""}, {}).command, Command(Argv{"echo", ""}));
}

TEST(Pipeline, IsAsBeforeAfterAMistake) {
  Pipeline p;
  p.add_job("a", "true", {});
  complaint([&] { p.add_job("b", "", {}); });
  complaint([&] { p.add_job("b", "true", after({"nope"})); });
  complaint([&] { p.begin_stage("a", {}); });
  EXPECT_EQ(p.jobs().size(), 1U);
  EXPECT_EQ(p.stages().size(), 1U);
  EXPECT_EQ(p.add_job("b", "true", after({"a"})).stage, 0U);
}

TEST(Pipeline, KeepsReferencesAndNamesWhenItGrowsAndMoves) {
  Pipeline p;
  const Job& first = p.add_job("a b", "true", {});
  for (int i = 0; i < 1000; ++i) p.add_job("job" + std::to_string(i), "true", {});
  const Pipeline moved = std::move(p);
  EXPECT_EQ(moved.find_job("a b"), &first);
  EXPECT_EQ(moved.find_job("job999")->id, 1000U);
}

TEST(EnvMatrix, GivesEveryCombinationTheLastKeyFastest) {
  using Row = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(env_matrix({{"B", {"1", "2"}}, {"A", {"x", "y"}}}),
            (std::vector<Row>{{{"B", "1"}, {"A", "x"}},
                              {{"B", "1"}, {"A", "y"}},
                              {{"B", "2"}, {"A", "x"}},
                              {{"B", "2"}, {"A", "y"}}}));
  EXPECT_EQ(env_matrix({{"A", {"1", "2", "3"}}, {"B", {"1", "2", "3"}}, {"C", {"1", "2"}}}).size(),
            18U);
}

TEST(EnvMatrix, HasOneEmptyRowForNoKeysAndNoRowForAnEmptyList) {
  EXPECT_EQ(env_matrix({}).size(), 1U);
  EXPECT_TRUE(env_matrix({}).front().empty());
  EXPECT_TRUE(env_matrix({{"A", {"1"}}, {"B", {}}}).empty());
}

}  // namespace
}  // namespace jci
