// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <algorithm>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "canned_engine.hpp"
#include "jci/executors/docker/images.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {
namespace {

using Found = std::expected<std::string, std::string>;

constexpr const char* k_inspect = "GET /images/box:1/json";
const std::string k_forbidden =
    "the engine has no image `box:1`, and pull=\"never\" forbids to pull it; build or pull it "
    "first";

class DockerImages : public CannedEngine {
 protected:
  DockerImages()
      : tasks_(context_.get_executor()),
        images_(client_, config_, tasks_, context_.get_executor()) {}
  ~DockerImages() override {
    tasks_.cancel();
    run(tasks_.join());
  }

  const Images::Wanted& wait_for(Pull pull) {
    Images::Wanted& wanted = images_.want("box:1", pull, "");
    run(wanted.known.wait());
    return wanted;
  }
  Found find(Pull pull) { return wait_for(pull).result; }

  std::size_t times_asked(std::string_view call) const {
    return static_cast<std::size_t>(std::ranges::count(asked_, call, &Asked::call));
  }

  ConfigFile config_;
  TaskGroup tasks_;
  Images images_;
};

TEST_F(DockerImages, AreLookedForOnceForAllJobs) {
  answer(k_inspect, R"({"Id": "sha256:1"})");
  EXPECT_EQ(find(Pull::never), "sha256:1");
  images_.may_have_changed();
  EXPECT_EQ(find(Pull::never), "sha256:1");
  EXPECT_EQ(times_asked(k_inspect), 1U);
}

TEST_F(DockerImages, AreNamedByTheDigestThatTheirRegistryKnows) {
  answer(k_inspect, R"({"Id": "sha256:1", "RepoDigests": ["box@sha256:2", "other@sha256:3"]})");
  const Images::Wanted& wanted = wait_for(Pull::missing);
  EXPECT_EQ(wanted.result, "sha256:2");
  EXPECT_EQ(wanted.id, "sha256:1");
}

TEST_F(DockerImages, SayWhetherTheyHaveAHealthcheck) {
  answer(k_inspect, R"({"Id": "1", "Config": {"Healthcheck": {"Test": ["CMD", "check"]}}})");
  EXPECT_TRUE(wait_for(Pull::missing).has_healthcheck);
  forget();
  answer(k_inspect, R"({"Id": "1", "Config": {"Healthcheck": {"Test": ["NONE"]}}})");
  EXPECT_FALSE(wait_for(Pull::never).has_healthcheck);
}

TEST_F(DockerImages, ThatNobodyCanHaveMadeAreNotLookedForAgain) {
  EXPECT_EQ(find(Pull::never), Found(std::unexpected(k_forbidden)));
  EXPECT_EQ(find(Pull::never), Found(std::unexpected(k_forbidden)));
  EXPECT_EQ(times_asked(k_inspect), 1U);
}

TEST_F(DockerImages, ThatAJobMayHaveMadeAreLookedForAgain) {
  answer(k_inspect, R"({"message": "no such image"})", 404);
  answer(k_inspect, R"({"Id": "sha256:1"})");
  EXPECT_EQ(find(Pull::never), Found(std::unexpected(k_forbidden)));
  images_.may_have_changed();
  EXPECT_EQ(find(Pull::never), "sha256:1");
}

TEST_F(DockerImages, ThatAJobHasMadeNeedNotWaitForTheRegistry) {
  answer(k_inspect, R"({"message": "no such image"})", 404);
  answer(k_inspect, R"({"Id": "sha256:1"})");
  answer_never("POST /images/create");
  const Images::Wanted& wanted = images_.want("box:1", Pull::missing, "");
  while (times_asked("POST /images/create") == 0) context_.run_one();
  EXPECT_FALSE(wanted.known.is_open());
  images_.may_have_changed();
  EXPECT_EQ(find(Pull::missing), "sha256:1");
  EXPECT_TRUE(wanted.known.is_open());  // also for those that waited already
}

TEST_F(DockerImages, ThatNoJobHasMadeAreStillPulled) {
  answer(k_inspect, R"({"message": "no such image"})", 404);
  answer(k_inspect, R"({"message": "no such image"})", 404);
  answer(k_inspect, R"({"Id": "sha256:1"})");
  answer("POST /images/create", R"({"status": "Downloaded"})");
  images_.want("box:1", Pull::missing, "");
  images_.may_have_changed();
  EXPECT_EQ(find(Pull::missing), "sha256:1");
}

TEST_F(DockerImages, AreNotKnownToBeMissingWhereTheEngineIsAway) {
  answer(k_inspect, "not JSON");
  const Images::Wanted& wanted = wait_for(Pull::never);
  EXPECT_TRUE(wanted.engine_lost);
  EXPECT_THAT(wanted.result.error(),
              testing::StartsWith("the engine was lost while it looked for image `box:1`: "));
}

}  // namespace
}  // namespace jci::docker
