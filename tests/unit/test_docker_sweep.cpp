// SPDX-License-Identifier: MIT
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "canned_engine.hpp"
#include "jci/executors/docker/deaths.hpp"
#include "jci/executors/docker/sweep.hpp"

namespace jci::docker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::chrono::sys_seconds k_now{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28)};
constexpr std::chrono::hours k_day{24};

/// An engine with things of the runs `alive` and `dead` of one owner.
class DockerSweep : public CannedEngine {
 protected:
  static std::string labels(std::string_view run_id, std::string_view job = "") {
    return fmt::format(
        R"({{"in.jayporeci.run": "{}", "in.jayporeci.owner": "me", "in.jayporeci.job": "{}"}})",
        run_id, job);
  }
  static std::string container(std::string_view id, std::string_view run_id, std::string_view state,
                               std::chrono::seconds age = {}, std::string_view job = "Test") {
    return fmt::format(
        R"({{"Id": "{0}", "Names": ["/name-of-{0}"], "State": "{1}", "Created": {2}, "Labels": {3}}})",
        id, state, (k_now - age).time_since_epoch().count(), labels(run_id, job));
  }
  static std::string network(std::string_view id, std::string_view run_id) {
    return fmt::format(R"({{"Id": "{0}", "Name": "name-of-{0}", "Labels": {1}}})", id,
                       labels(run_id));
  }
  static std::string volume(std::string_view name, std::string_view run_id) {
    return fmt::format(R"({{"Name": "{}", "Labels": {}}})", name, labels(run_id));
  }

  void has_containers(const std::vector<std::string>& list) {
    answer("GET /containers/json", fmt::format("[{}]", fmt::join(list, ",")));
  }
  void has_networks(const std::vector<std::string>& list) {
    answer("GET /networks", fmt::format("[{}]", fmt::join(list, ",")));
  }
  void has_volumes(const std::vector<std::string>& list) {
    answer("GET /volumes", fmt::format(R"({{"Volumes": [{}]}})", fmt::join(list, ",")));
  }
  void removes(const std::vector<std::string>& calls) {
    for (const std::string& call : calls) answer("DELETE " + call, "", 204);
  }

  void sweep_for(const std::string& owner) {
    run(sweep(client_, owner, [](const std::string& run_id) { return run_id == "alive"; }, k_now));
  }
};

TEST_F(DockerSweep, AsksForNothingWhereTheOwnerIsUnknown) {
  has_containers({container("a", "dead", "running")});
  sweep_for("");
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(DockerSweep, LooksOnlyAtWhatItsOwnerMade) {
  has_containers({});
  has_networks({});
  has_volumes({});
  sweep_for("me");
  std::set<std::string> queries;
  for (const Asked& asked : asked_) queries.insert(asked.query);
  // {"label":["in.jayporeci.owner=me"]}
  const std::string filters = "filters=%7B%22label%22%3A%5B%22in.jayporeci.owner%3Dme%22%5D%7D";
  EXPECT_THAT(queries, UnorderedElementsAre("?" + filters, "?all=1&" + filters));
}

TEST_F(DockerSweep, RemovesAllOfARunThatWasKilled) {
  has_containers({container("service", "dead", "running"), container("job", "dead", "exited"),
                  container("half", "dead", "created")});
  has_networks({network("net", "dead")});
  has_volumes({volume("vol", "dead")});
  removes({"/containers/service", "/containers/job", "/containers/half", "/networks/net",
           "/volumes/vol"});
  sweep_for("me");
  const auto changes = this->changes();
  EXPECT_THAT(changes, UnorderedElementsAre("DELETE /containers/service", "DELETE /containers/job",
                                            "DELETE /containers/half", "DELETE /networks/net",
                                            "DELETE /volumes/vol"));
  EXPECT_EQ(changes.front(), "DELETE /containers/service");  // what runs in the network goes first
  EXPECT_EQ(changes.back(), "DELETE /volumes/vol");
}

TEST_F(DockerSweep, KnowsARunThatWasKilledByAnythingThatAFinishedRunLeavesNot) {
  struct {
    std::vector<std::string> containers, networks, volumes;
    std::string removed;
  } const cases[] = {
      {{container("a", "dead", "running")}, {}, {}, "/containers/a"},
      {{container("a", "dead", "paused")}, {}, {}, "/containers/a"},
      {{container("a", "dead", "created", {}, "")}, {}, {}, "/containers/a"},
      {{}, {network("a", "dead")}, {}, "/networks/a"},
      {{}, {}, {volume("a", "dead")}, "/volumes/a"},
  };
  for (const auto& each : cases) {
    forget();
    has_containers(each.containers);
    has_networks(each.networks);
    has_volumes(each.volumes);
    removes({each.removed});
    sweep_for("me");
    EXPECT_THAT(changes(), ElementsAre("DELETE " + each.removed));
  }
}

TEST_F(DockerSweep, LeavesARunAloneThatGoesOn) {
  has_containers({container("service", "alive", "running"), container("half", "alive", "created"),
                  container("job", "alive", "exited", 30 * k_day)});
  has_networks({network("net", "alive")});
  has_volumes({volume("vol", "alive")});
  sweep_for("me");
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(DockerSweep, RemovesKeptContainersAfterAWeek) {
  const std::chrono::seconds second{1};
  has_containers({container("new", "done1", "exited"),
                  container("week", "done2", "exited", 7 * k_day),
                  container("unstarted", "done2", "created", 7 * k_day),
                  container("older", "done3", "exited", 7 * k_day + second),
                  container("dead", "done4", "dead", 30 * k_day),
                  container("old", "done4", "created", 30 * k_day)});
  has_networks({});
  has_volumes({});
  removes({"/containers/older", "/containers/dead", "/containers/old"});
  sweep_for("me");
  EXPECT_THAT(changes(), UnorderedElementsAre("DELETE /containers/older", "DELETE /containers/dead",
                                              "DELETE /containers/old"));
}

TEST_F(DockerSweep, TakesNothingForARunThatHasNoLabelOfOne) {
  has_containers({R"({"Id": "a", "State": "running", "Created": 1, "Labels": {}})",
                  R"({"Id": "b", "State": "running", "Created": 1, "Labels": null})"});
  has_networks({R"({"Id": "n", "Name": "n"})"});
  has_volumes({R"({"Name": "v"})"});
  sweep_for("me");
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(DockerSweep, RemovesNothingThatItCannotSee) {
  has_networks({network("net", "dead")});
  has_volumes({});
  answer("GET /containers/json", R"({"message": "no"})", 500);
  sweep_for("me");
  EXPECT_THAT(changes(), IsEmpty());
}

// --- what a run removes of itself ---

TEST_F(DockerSweep, OfARunKeepsWhatIsToBeKept) {
  has_containers({container("a", "dead", "exited"), container("b", "dead", "exited")});
  has_networks({});
  has_volumes({});
  removes({"/containers/a"});
  const std::set<std::string> kept{"b"};
  EXPECT_THAT(run(remove_run(client_, "dead", kept)), IsEmpty());
  EXPECT_THAT(changes(), ElementsAre("DELETE /containers/a"));
}

TEST_F(DockerSweep, OfARunTellsWhatCouldNotBeRemoved) {
  has_containers({container("gone", "dead", "exited"), container("busy", "dead", "exited")});
  has_networks({network("net", "dead")});
  has_volumes({volume("vol", "dead")});
  answer("DELETE /containers/busy", R"({"message": "device or resource busy"})", 500);
  answer("DELETE /networks/net", R"({"message": "has active endpoints"})", 403);
  answer("DELETE /volumes/vol", R"({"message": "volume is in use"})", 409);
  EXPECT_THAT(
      run(remove_run(client_, "dead", {})),
      UnorderedElementsAre("cannot remove the container `name-of-busy`: device or resource busy",
                           "cannot remove the network `name-of-net`: has active endpoints",
                           "cannot remove the volume `vol`: volume is in use"));
}

TEST_F(DockerSweep, OfARunDisconnectsFromItsNetworkWhatIsThereNoLonger) {
  has_containers({container("ghost", "dead", "exited")});
  has_networks({network("net", "dead")});
  has_volumes({});
  removes({"/containers/ghost"});
  answer("DELETE /networks/net", R"({"message": "has active endpoints"})", 403);
  answer("DELETE /networks/net", "", 204);
  answer("GET /networks/net", R"({"Containers": {"x": {"Name": "ghost"}, "y": 1}})");
  answer("POST /networks/net/disconnect", "");
  EXPECT_THAT(run(remove_run(client_, "dead", {})), IsEmpty());
  const auto changes = this->changes();
  ASSERT_EQ(changes.size(), 4U);
  // Not before the container is gone: while that is being removed it cannot be disconnected.
  EXPECT_THAT(std::vector(changes.begin(), changes.begin() + 2),
              UnorderedElementsAre("DELETE /containers/ghost", "DELETE /networks/net"));
  EXPECT_THAT(std::vector(changes.begin() + 2, changes.end()),
              ElementsAre("POST /networks/net/disconnect", "DELETE /networks/net"));
}

TEST_F(DockerSweep, OfARunWaitsForAKeptContainerThatIsOnItsWayOutOfTheNetwork) {
  has_containers({container("killed", "dead", "exited")});
  has_networks({network("net", "dead")});
  has_volumes({});
  const std::string busy = R"({"message": "has active endpoints"})";
  answer("GET /networks/net", R"({"Containers": {}})");
  for (int i = 0; i < 3; ++i) answer("DELETE /networks/net", busy, 403);
  answer("DELETE /networks/net", "", 204);
  const std::set<std::string> kept{"killed"};
  EXPECT_THAT(run(remove_run(client_, "dead", kept)), IsEmpty());
}

/// That run has a container `a`, which has just ended.
class DockerSweepAtOnce : public DockerSweep {
 protected:
  DockerSweepAtOnce() {
    has_containers({container("a", "dead", "running"), container("b", "dead", "exited")});
    has_networks({network("net", "dead")});
    has_volumes({});
    answer("GET /events", R"({"Action": "die", "Actor": {"ID": "a"}, "timeNano": 17000000001})");
    run(deaths_.listen());
    removes({"/containers/b"});
  }
  void leave_the_network(int containers) {
    const std::string event = R"({"Type": "network", "Action": "disconnect"})";
    std::string events;
    for (int i = 0; i < containers; ++i) events += event;
    answer("GET /events", events);
  }
  std::vector<std::string> remove() { return run(remove_run(client_, "dead", {}, &deaths_)); }
  std::string last_query(const std::string& call) const {
    std::string query;
    for (const Asked& asked : asked_)
      if (asked.call == call) query = asked.query;
    return query;
  }
  /// What was changed before it.
  std::vector<std::string> changes_until_network() const {
    std::vector<std::string> all = changes();
    const auto network = std::ranges::find(all, "DELETE /networks/net");
    return {all.begin(), network};
  }

  Deaths deaths_{client_, context_.get_executor(), "dead"};
};

TEST_F(DockerSweepAtOnce, RemovesTheNetworkWhenTheLastContainerHasLeftIt) {
  leave_the_network(1);
  // The engine is tidying up after this one.
  answer_after("DELETE /networks/net", "DELETE /containers/a", "", 204);
  removes({"/networks/net"});
  EXPECT_THAT(remove(), IsEmpty());
  // Not before it was asked to remove all else: a run that is killed then leaves nothing.
  EXPECT_THAT(changes_until_network(),
              UnorderedElementsAre("DELETE /containers/a", "DELETE /containers/b"));
  // {"type":["network"],"network":["net"],"event":["disconnect"]}, since the end of `a`
  EXPECT_EQ(last_query("GET /events"),
            "?filters=%7B%22type%22%3A%5B%22network%22%5D%2C%22network%22%3A%5B%22net%22%5D%2C"
            "%22event%22%3A%5B%22disconnect%22%5D%7D&since=17.000000001");
}

TEST_F(DockerSweepAtOnce, KeepsTheNetworkWhileOthersAreInIt) {
  leave_the_network(2);
  answer("DELETE /networks/net", R"({"message": "has active endpoints"})", 403);
  removes({"/containers/a", "/networks/net"});
  EXPECT_THAT(remove(), IsEmpty());
}

TEST_F(DockerSweepAtOnce, RemovesTheNetworkWhereNobodyTellsWhoLeavesIt) {
  answer("GET /events", R"({"message": "no"})", 500);
  removes({"/containers/a", "/networks/net"});
  EXPECT_THAT(remove(), IsEmpty());
  EXPECT_THAT(changes_until_network(),
              UnorderedElementsAre("DELETE /containers/a", "DELETE /containers/b"));
}

TEST_F(DockerSweep, OfARunTellsThatItCannotSee) {
  answer("GET /containers/json", R"({"message": "no"})", 500);
  EXPECT_THAT(run(remove_run(client_, "dead", {})),
              ElementsAre("cannot see what of the run is left on the engine: no"));
}

}  // namespace
}  // namespace jci::docker
