// SPDX-License-Identifier: MIT
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "jci/executors/docker/sharing.hpp"

namespace jci::docker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

}  // namespace
}  // namespace jci::docker
