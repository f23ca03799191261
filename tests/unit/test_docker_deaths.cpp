// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "canned_engine.hpp"
#include "jci/executors/docker/deaths.hpp"

namespace jci::docker {
namespace {

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

TEST_F(DockerDeaths, KnowsWhichContainersHaveJustEndedAndWhenTheFirstOfThemDid) {
  answer("GET /events", event("start", "c") + event("die", "a", "0") + event("die", "b", "0"));
  run(deaths_.listen());
  EXPECT_THAT(deaths_.just_heard(), testing::ElementsAre("a", "b"));
  EXPECT_EQ(deaths_.first_of(deaths_.just_heard()), "1700000000.123456789");
  EXPECT_EQ(deaths_.first_of({}), "");
}

}  // namespace
}  // namespace jci::docker
