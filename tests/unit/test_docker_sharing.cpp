// SPDX-License-Identifier: MIT
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "canned_engine.hpp"
#include "jci/executors/docker/sharing.hpp"

namespace jci::docker {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string k_id(64, 'a');
const std::string k_other(64, '0');

TEST(DockerSharing, FindsTheContainerThatWeAreInByItsMounts) {
  const std::string mountinfo =
      "22 1 0:20 / / rw - overlay overlay rw\n"
      "30 22 8:1 /var/lib/docker/containers/" +
      k_id +
      "/resolv.conf /etc/resolv.conf rw - ext4 /dev/sda rw\n"
      "31 22 8:1 /var/lib/docker/containers/" +
      k_id +
      "/hostname /etc/hostname rw - ext4 /dev/sda rw\n"
      "32 22 8:1 /data/containers/" +
      k_other + "/hosts /etc/hosts rw - ext4 /dev/sda rw\n";
  EXPECT_THAT(container_ids_in(mountinfo), ElementsAre(k_id, k_other));
}

TEST(DockerSharing, FindsNoContainerWhereThereIsNone) {
  EXPECT_THAT(container_ids_in(""), IsEmpty());
  EXPECT_THAT(container_ids_in("22 1 8:1 / / rw - ext4 /dev/sda rw\n"), IsEmpty());
  EXPECT_THAT(container_ids_in("/containers/short/hostname"), IsEmpty());
  EXPECT_THAT(container_ids_in("/containers/" + std::string(64, 'Z')), IsEmpty());
}

boost::json::array mounts() {
  return boost::json::parse(R"([
    {"Destination": "/var/run/docker.sock", "Source": "/var/run/docker.sock"},
    {"Destination": "/home", "Source": "/srv/homes"},
    {"Destination": "/home/ci/cache", "Source": "/fast/cache"}
  ])")
      .as_array();
}

TEST(DockerSharing, TranslatesAPathByTheDeepestMountThatHoldsIt) {
  EXPECT_EQ(translate(mounts(), "/home/ci/cache/jaypore/0/run"), "/fast/cache/jaypore/0/run");
  EXPECT_EQ(translate(mounts(), "/home/ci/else"), "/srv/homes/ci/else");
  EXPECT_EQ(translate(mounts(), "/home"), "/srv/homes");
}

TEST(DockerSharing, TranslatesNoPathThatLiesOnNoMount) {
  EXPECT_EQ(translate(mounts(), "/root/cache"), std::nullopt);
  EXPECT_EQ(translate(mounts(), "/homes/ci"), std::nullopt);
  EXPECT_EQ(translate({}, "/home"), std::nullopt);
}

// --- what an engine is asked ---

constexpr const char* k_create = "POST /containers/create";

/// With the answers of Docker 20.10.
class DockerSharingAsked : public CannedEngine {
 protected:
  static std::string message(const std::string& text) {
    return R"({"message": ")" + text + R"("})";
  }

  void lacks(const std::string& path) {
    answer_to(
        k_create, path,
        message(R"(invalid mount config for type \"bind\": bind source path does not exist: )" +
                path),
        400);
  }
  void refuses_the_policy() {
    answer(k_create, message("invalid restart policy 'asked-by-run'"), 400);
  }
  bool has(const std::string& path) {
    const Probing probing{.client = client_, .image = "image", .run_id = "run", .labels = {}};
    const std::vector<std::filesystem::path> paths{"/etc", path};
    return run(engine_has(probing, paths)).value();
  }
};

TEST_F(DockerSharingAsked, AnEngineTellsWhatItHasByRefusing) {
  lacks("/nowhere-run");
  lacks("/gone");
  refuses_the_policy();
  EXPECT_TRUE(has("/here"));
  EXPECT_FALSE(has("/gone"));
  EXPECT_THAT(changes(), Each(k_create));
  EXPECT_EQ(asked_.size(), 4U);
}

TEST_F(DockerSharingAsked, AnEngineThatReadsThePolicyFirstTellsByMakingAContainer) {
  answer_to(k_create, "asked-by-run", message("invalid restart policy 'asked-by-run'"), 400);
  lacks("/gone");
  answer(k_create, R"({"Id": "probe"})", 201);
  EXPECT_TRUE(has("/here"));
  EXPECT_FALSE(has("/gone"));
}

TEST_F(DockerSharingAsked, AnEngineThatTakesAnyPolicyTellsByMakingAContainer) {
  lacks("/nowhere-run");
  lacks("/gone");
  answer(k_create, R"({"Id": "probe"})", 201);
  answer("DELETE /containers/probe", "", 204);
  EXPECT_TRUE(has("/here"));
  // The one that was not to be made goes at once, the one that was with the run.
  EXPECT_THAT(changes(),
              UnorderedElementsAre(k_create, k_create, "DELETE /containers/probe", k_create));
  EXPECT_FALSE(has("/gone"));
}

TEST_F(DockerSharingAsked, AnEngineThatTakesAnyPathHasThemAll) {
  answer(k_create, R"({"Id": "probe"})", 201);
  answer("DELETE /containers/probe", "", 204);
  EXPECT_TRUE(has("/here"));
}

TEST_F(DockerSharingAsked, AnEngineThatRefusesEverythingHasNothing) {
  answer(k_create, message("authorization denied by plugin"), 403);
  EXPECT_FALSE(has("/here"));
}

}  // namespace
}  // namespace jci::docker
