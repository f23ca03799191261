// SPDX-License-Identifier: MIT
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "canned_engine.hpp"
#include "jci/executors/docker/readiness.hpp"
#include "jci/executors/docker/sweep.hpp"

namespace jci::docker {
namespace {

using testing::ElementsAre;

class DockerReadiness : public CannedEngine {
 protected:
  /// Empty where the service is ready, else why that cannot be known.
  std::string wait(const Ready& ready) {
    return words(run(wait_until_ready(client_, service_, ready)));
  }
  std::optional<std::string> wait_in_time(const Ready& ready) {
    Options options;
    options.ready = ready;
    options.ready_timeout = std::chrono::milliseconds(50);
    return run(docker::wait_in_time(client_, service_, options));
  }
  std::string wait_for_health() { return words(run(wait_until_healthy(client_, service_))); }

  /// A container of ours that looks at the service's ports, and ends so.
  void looks_and_ends_with(int code) {
    answer("POST /containers/create", R"({"Id": "look"})", 201);
    answer("POST /containers/look/start", "", 204);
    answer("POST /containers/look/wait", fmt::format(R"({{"StatusCode": {}}})", code));
  }
  boost::json::object created() const {
    return boost::json::parse(asked_.front().body).as_object();
  }

  static std::string event(std::string_view id, std::string_view action) {
    return fmt::format(R"({{"Action": "{}", "Actor": {{"ID": "{}"}}}})", action, id);
  }
  static std::string health(std::string_view status) {
    return fmt::format(R"({{"State": {{"Health": {{"Status": "{}"}}}}}})", status);
  }

 private:
  static std::string words(const Answer<void>& answer) { return answer ? "" : answer.error().text; }

  const RunningService service_{
      .id = "db", .inside_image = "inside:1", .labels = {{std::string(k_run_label), "run1"}}};
};

TEST_F(DockerReadiness, OfAServiceThatIsAskedNothingIsThereAtOnce) {
  EXPECT_EQ(wait({}), "");
  EXPECT_THAT(asked_, ElementsAre());
}

TEST_F(DockerReadiness, IsACommandThatEndsWithZeroAtLast) {
  answer("POST /containers/db/exec", R"({"Id": "x"})", 201);
  answer_stream("POST /exec/x/start");
  answer("GET /exec/x/json", R"({"ExitCode": 2})");
  answer("GET /exec/x/json", R"({"ExitCode": 0})");
  EXPECT_EQ(wait(ReadyCommand{{"pg_isready", "-q"}}), "");
  EXPECT_EQ(changes().size(), 4U);  // created and started twice
  EXPECT_EQ(boost::json::parse(asked_.front().body).at("Cmd"),
            boost::json::array({"pg_isready", "-q"}));
}

TEST_F(DockerReadiness, CannotBeKnownWhereTheCommandIsRefused) {
  answer("POST /containers/db/exec", R"({"message": "container db is not running"})", 409);
  EXPECT_EQ(wait(ReadyCommand{{"pg_isready"}}), "container db is not running");
}

TEST_F(DockerReadiness, OfAPortIsLookedAtFromInsideTheServicesNetwork) {
  looks_and_ends_with(0);
  EXPECT_EQ(wait(ReadyPort{5432}), "");
  const boost::json::object body = created();
  EXPECT_EQ(body.at("Image"), "inside:1");
  EXPECT_EQ(body.at("Cmd"), boost::json::array({"/jci-inside", "reach", "5432"}));
  EXPECT_EQ(body.at("HostConfig").at("NetworkMode"), "container:db");
  EXPECT_EQ(body.at("Labels"), boost::json::object({{"in.jayporeci.run", "run1"}}));
}

TEST_F(DockerReadiness, OfAPageIsLookedAtWithItsPath) {
  looks_and_ends_with(0);
  EXPECT_EQ(wait(ReadyHttp{8000, "/health?full=1"}), "");
  EXPECT_EQ(created().at("Cmd"),
            boost::json::array({"/jci-inside", "reach", "8000", "/health?full=1"}));
}

TEST_F(DockerReadiness, CannotBeKnownWhereWhatLooksDies) {
  looks_and_ends_with(137);
  EXPECT_EQ(wait(ReadyPort{5432}), "looking at its ports ended with exit code 137");
}

TEST_F(DockerReadiness, CannotBeKnownWhereNothingMayLook) {
  EXPECT_EQ(wait(ReadyPort{5432}), "no such thing here");
  answer("POST /containers/create", R"({"Id": "look"})", 201);
  answer("POST /containers/look/start", R"({"message": "container db is not running"})", 409);
  EXPECT_EQ(wait(ReadyPort{5432}), "container db is not running");
}

// --- HEALTHCHECK ---

TEST_F(DockerReadiness, IsSeenWhereTheHealthcheckPassedBeforeAnybodyListened) {
  answer("GET /events", "");
  answer("GET /containers/db/json", health("healthy"));
  EXPECT_EQ(wait_for_health(), "");
  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_EQ(asked_[0].call, "GET /events");  // listens first: else it might miss it
}

TEST_F(DockerReadiness, IsToldByTheEventOfThatService) {
  answer("GET /events", event("other", "health_status: healthy") + "\n" +
                            event("db", "health_status: unhealthy") + "\n" +
                            event("db", "exec_start: echo is it: healthy") + "\n" +
                            event("db", "health_status: healthy") + "\n");
  answer("GET /containers/db/json", health("starting"));
  EXPECT_EQ(wait_for_health(), "");
}

TEST_F(DockerReadiness, CannotBeKnownWhereTheEngineTellsNothingMore) {
  answer("GET /events", event("other", "health_status: healthy") + "\n" +
                            event("db", "health_status: unhealthy") + "\n" +
                            event("db", "exec_start: echo is it: healthy") + "\n");
  answer("GET /containers/db/json", health("starting"));
  EXPECT_EQ(wait_for_health(), "the engine has stopped to tell what happens");
}

TEST_F(DockerReadiness, CannotBeKnownWhereThereIsNoSuchService) {
  EXPECT_EQ(wait_for_health(), "no such thing here");
  answer("GET /events", "");
  EXPECT_EQ(wait_for_health(), "no such thing here");
}

TEST_F(DockerReadiness, IsWaitedForAsLongAsTheServiceMayTake) {
  answer_never("POST /containers/db/exec");
  EXPECT_EQ(wait_in_time(ReadyCommand{{"pg_isready"}}),
            "was not ready within 0.05 s; see its log, or give it more `ready_timeout`");
}

TEST_F(DockerReadiness, IsOfNoInterestOnceTheServiceHasEnded) {
  answer("POST /containers/db/exec", R"({"message": "container db is not running"})", 409);
  answer("GET /containers/db/json", R"({"State": {"Running": false}})");
  EXPECT_EQ(wait_in_time(ReadyCommand{{"pg_isready"}}), std::nullopt);
}

TEST_F(DockerReadiness, IsGivenUpWhereItCannotBeKnownOfAServiceThatRuns) {
  answer("POST /containers/db/exec", R"({"message": "exec is forbidden"})", 403);
  answer("GET /containers/db/json", R"({"State": {"Running": true}})");
  EXPECT_EQ(wait_in_time(ReadyCommand{{"pg_isready"}}),
            "cannot find out whether it is ready: exec is forbidden");
}

}  // namespace
}  // namespace jci::docker
