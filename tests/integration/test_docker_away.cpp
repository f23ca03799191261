// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "../unit/temporary_directory.hpp"
#include "engine_fixture.hpp"
#include "jci/core/outcome.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/engine/engine.hpp"
#include "jci/executors/docker/docker.hpp"
#include "jci/executors/docker/sweep.hpp"

namespace jci::docker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;
using testing::UnorderedElementsAre;

/// Says when a job has started; keeps how each ended.
class Watch final : public Observer {
 public:
  explicit Watch(std::function<void(const std::string& job)> on_start)
      : on_start_(std::move(on_start)) {}

  void on_event(const Event& event) override {
    if (const auto* started = std::get_if<JobStarted>(&event)) on_start_(started->job.name);
    if (const auto* finished = std::get_if<JobFinished>(&event))
      ended[finished->job.name] = finished->state.outcome ? describe(*finished->state.outcome) : "";
  }

  std::map<std::string, std::string> ended;

 private:
  std::function<void(const std::string& job)> on_start_;
};

class DockerAway : public OnPrivateEngine {
 protected:
  DockerAway() {
    const auto equals = label().find('=');
    context_of_run_.info.pipe_id = label().substr(equals + 1);
    context_of_run_.workspace = workspace_.path();
    Settings settings;
    settings.image = "busybox:local";
    pipeline_.emplace(settings);
    context_of_run_.pipeline = &*pipeline_;
  }

  TemporaryDirectory workspace_;
  RunContext context_of_run_;
  std::optional<Pipeline> pipeline_;
};

TEST_F(DockerAway, ForLongerThanItIsWaitedForLosesWhatRan) {
  pipeline_->add_job("Runs", "sleep 1000", {});
  pipeline_->add_job("Later", "true", {.settings = {}, .depends_on = {"Runs"}, .stage = {}});
  const auto executor = make_docker_executor({.engine_away = std::chrono::milliseconds(1500)});
  Watch watch([](const std::string&) { engine("kill"); });
  Engine run(*pipeline_, *executor, context_of_run_, 0);
  run.observe(watch);
  const Status status = run.run();
  const std::vector<std::string> untidy = run.tidy();
  engine("start");

  EXPECT_EQ(status, Status::failed);
  EXPECT_THAT(watch.ended,
              UnorderedElementsAre(Pair("Runs", "lost: the engine has been away for 2 s"),
                                   Pair("Later", "")));
  EXPECT_THAT(untidy,
              ElementsAre(StartsWith("cannot see what of the run is left on the engine: ")));
  EXPECT_THAT(this->run(remove_run(client_, context_of_run_.info.pipe_id, {})), IsEmpty());
}

}  // namespace
}  // namespace jci::docker
