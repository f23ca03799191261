// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "canned_engine.hpp"
#include "jci/executors/docker/network.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {
namespace {

using testing::ElementsAre;

class DockerNetwork : public CannedEngine {
 protected:
  DockerNetwork() { answer("POST /networks/create", R"({"Id": "net"})", 201); }

  void hold(const std::vector<std::string>& ids) {
    for (const std::string& id : ids)
      answer("POST /containers/create", R"({"Id": ")" + id + R"("})", 201);
    network_.hold(ids.size(), "image", tasks_, [this](const std::string& mode) {
      const bool any_started = changes().back().ends_with("/start");
      told_.push_back(mode + (any_started ? " is started" : " is made"));
    });
  }
  void take(const std::string& preferred) { tasks_.spawn(take_and_tell(preferred)); }

  TaskGroup tasks_{context_.get_executor()};
  Network network_{client_, context_.get_executor(), "run", {}};
  std::vector<std::string> told_;

 private:
  Awaitable<> take_and_tell(std::string preferred) {
    auto place = co_await network_.take(false, preferred);
    told_.push_back(place->mode() + " to who prefers " + preferred);
    places_.push_back(std::move(*place));
    co_await client_.info();
  }

  std::vector<Network::Place> places_;
};

TEST_F(DockerNetwork, TellsOfAHolderBeforeItIsStarted) {
  answer("POST /containers/a/start", "", 204);
  hold({"a"});
  run(network_.create());
  run(tasks_.join());
  EXPECT_THAT(told_, ElementsAre("container:a is made"));
  EXPECT_EQ(changes().back(), "POST /containers/a/start");
}

TEST_F(DockerNetwork, GivesAPlaceToTheJobWhoseContainerIsMadeForIt) {
  answer_after("GET /info", "POST /containers/a/start", "", 204);
  answer("POST /containers/b/start", "", 204);
  hold({"a", "b"});
  take("container:a");
  take("container:b");
  run(network_.create());
  run(tasks_.join());
  told_.erase(told_.begin(), told_.begin() + 2);  // the holders
  EXPECT_THAT(told_, ElementsAre("container:b to who prefers container:b",
                                 "container:a to who prefers container:a"));
}

}  // namespace
}  // namespace jci::docker
