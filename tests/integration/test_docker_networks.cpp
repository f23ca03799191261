// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include "engine_fixture.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;
using testing::IsEmpty;

class DockerNetworks : public OnEngine {
 protected:
  json::object named(std::string_view name) {
    const auto equals = label().find('=');
    return {{"Name", name}, {"Labels", {{label().substr(0, equals), label().substr(equals + 1)}}}};
  }
  /// A name that nobody else has.
  std::string name() const { return "jci-test-" + label().substr(label().find('=') + 1); }
};

TEST_F(DockerNetworks, AreMadeFoundAndRemoved) {
  const std::string id = must(client_.create_network(named(name())));
  const auto found = must(client_.list_networks({label()}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, id);
  EXPECT_EQ(found[0].name, name());
  EXPECT_EQ(must(client_.inspect_network(id)).at("Name").as_string(), name());
  must(client_.remove_network(id));
  EXPECT_THAT(must(client_.list_networks({label()})), IsEmpty());
  EXPECT_TRUE(error_of(client_.inspect_network(id)).has_status(404));
  EXPECT_TRUE(error_of(client_.remove_network(id)).has_status(404));
}

TEST_F(DockerNetworks, AreNotListedByNoLabel) {
  EXPECT_THAT(must(client_.list_networks({})), IsEmpty());
  EXPECT_THAT(must(client_.list_volumes({})), IsEmpty());
}

TEST_F(DockerNetworks, LetContainersFindEachOtherByName) {
  const std::string network = must(client_.create_network(named(name())));
  const json::object bridge{{"NetworkMode", "bridge"}};
  const std::string server = start({"sleep", "1000"}, {{"HostConfig", bridge}});
  const std::string client = start({"sleep", "1000"}, {{"HostConfig", bridge}});
  must(client_.connect_network(network, server, {"server"}));
  must(client_.connect_network(network, client, {"client"}));
  Output output;
  const ExecRequest ping{.command = {"ping", "-c1", "server"}};
  EXPECT_EQ(must(client_.exec(client, ping, output.sink)), 0) << output.out << output.err;
  EXPECT_TRUE(error_of(client_.remove_network(network)).has_status(403));
  must(client_.disconnect_network(network, server, true));
  must(client_.disconnect_network(network, client, true));
}

TEST_F(DockerNetworks, KeepVolumesBesideThem) {
  EXPECT_EQ(must(client_.create_volume(named(name()))), name());
  const auto found = must(client_.list_volumes({label()}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, name());
  must(client_.remove_volume(name(), false));
  EXPECT_THAT(must(client_.list_volumes({label()})), IsEmpty());
  EXPECT_TRUE(error_of(client_.remove_volume(name(), false)).has_status(404));
}

}  // namespace
}  // namespace jci::docker
