// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "canned_engine.hpp"
#include "jci/executors/docker/deaths.hpp"

namespace jci::docker {
namespace {

using std::chrono::milliseconds;

class DockerDeaths : public CannedEngine {
 protected:
  static std::string event(const std::string& action, const std::string& id,
                           const std::string& exit_code = "") {
    return R"({"Type": "container", "Action": ")" + action + R"(", "Actor": {"ID": ")" + id +
           R"(", "Attributes": {"exitCode": ")" + exit_code +
           R"("}}, "timeNano": 1700000000123456789})";
  }

  Deaths deaths_{client_, context_.get_executor(), "run"};
};

TEST_F(DockerDeaths, TellsHowAndWhenAContainerEnded) {
  answer("GET /events", event("start", "a") + event("die", "a", "0") + event("die", "b", "3"));
  run(deaths_.listen());
  const auto a = run(deaths_.of("a"));
  const auto b = run(deaths_.of("b"));
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->exit_code, 0);
  EXPECT_EQ(b->exit_code, 3);
  EXPECT_EQ(a->at.time_since_epoch(), std::chrono::nanoseconds(1700000000123456789));
  EXPECT_EQ(a->started, a->at);
  EXPECT_EQ(b->started, std::nullopt);
  EXPECT_FALSE(a->lacked_memory);
}

TEST_F(DockerDeaths, KnowsOfWantOfMemoryThatWasToldBefore) {
  answer("GET /events", event("oom", "a") + event("die", "a", "0") + event("die", "b", "0"));
  run(deaths_.listen());
  EXPECT_TRUE(run(deaths_.of("a"))->lacked_memory);
  EXPECT_FALSE(run(deaths_.of("b"))->lacked_memory);
}

TEST_F(DockerDeaths, SaysThatItDoesNotKnowWhereTheEngineStopsToTell) {
  answer("GET /events", event("die", "a", "0"));
  run(deaths_.listen());
  EXPECT_FALSE(deaths_.listens());
  EXPECT_FALSE(run(deaths_.of("another")));
}

TEST_F(DockerDeaths, KeepsNobodyWaitingWhereTheEngineTellsNothing) {
  answer("GET /events", R"({"message": "no"})", 500);
  run(deaths_.listen());
  run(deaths_.ready());
  EXPECT_FALSE(deaths_.listens());
  EXPECT_FALSE(run(deaths_.of("a")));
}

TEST_F(DockerDeaths, WaitsForTheEngineToTidyUpAfterWhatHasJustEnded) {
  answer("GET /events", event("die", "a", "0"));
  answer("POST /containers/a/wait", R"({"StatusCode": 0})");
  run(deaths_.listen());
  run(deaths_.settle(deaths_.just_heard(), milliseconds(10'000)));
  EXPECT_THAT(changes(), testing::ElementsAre("POST /containers/a/wait"));
}

TEST_F(DockerDeaths, WaitsNoLongerThanItMay) {
  answer("GET /events", event("die", "a", "0"));
  answer_never("POST /containers/a/wait");
  run(deaths_.listen());
  run(deaths_.settle(deaths_.just_heard(), milliseconds(1)));
  EXPECT_THAT(changes(), testing::ElementsAre("POST /containers/a/wait"));
}

}  // namespace
}  // namespace jci::docker
