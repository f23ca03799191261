// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <ostream>

#include "docker_world.hpp"
#include "jci/core/errors.hpp"
#include "jci/executors/docker/endpoint.hpp"

namespace jci::docker {

// For messages of tests.
std::ostream& operator<<(std::ostream& out, const Endpoint& endpoint) {
  return out << address_text(endpoint) << " from " << endpoint.source << ", " << endpoint.warning;
}

namespace {

Endpoint found(const World& world) {
  return find_endpoint(world.variable(), world.config(), world.root());
}

std::string complaint(const World& world) {
  try {
    return "took " + address_text(found(world));
  } catch (const BadConfig& error) {
    return error.what();
  }
}

/// What is said about this DOCKER_HOST.
std::string host_complaint(std::string host) {
  World world;
  world.variables["DOCKER_HOST"] = std::move(host);
  return complaint(world);
}

Endpoint at(Address address, std::string source) {
  return {std::move(address), std::move(source), {}, {}};
}

/// The context `name` in the home's contexts; any directory name will do.
void add_context(const World& world, std::string name, std::string_view docker) {
  world.write("/home/u/.docker/contexts/meta/" + name + "0f/meta.json",
              R"({"Name": ")" + name + R"(", "Metadata": {}, "Endpoints": {"docker": )" +
                  std::string(docker) + "}}");
}

const std::vector<std::string> k_sockets = {"/var/run/docker.sock", "/run/user/7/docker.sock",
                                            "/run/user/7/podman/podman.sock",
                                            "/run/podman/podman.sock"};

TEST(FindEndpoint, TakesTheFirstSocketThatExists) {
  for (std::size_t first = 0; first < k_sockets.size(); ++first) {
    World world;
    world.variables["XDG_RUNTIME_DIR"] = "/run/user/7";
    for (std::size_t at = first; at < k_sockets.size(); ++at) world.make_socket(k_sockets[at]);
    EXPECT_EQ(found(world), (Endpoint{UnixSocket{k_sockets[first]}, "default", k_sockets, {}}));
  }
}

TEST(FindEndpoint, NamesTheSystemsSocketWhereThereIsNone) {
  World world;
  world.write("/var/run/docker.sock/a file makes it a directory");
  EXPECT_EQ(found(world), (Endpoint{UnixSocket{"/var/run/docker.sock"},
                                    "default",
                                    {"/var/run/docker.sock", "/run/podman/podman.sock"},
                                    {}}));
}

TEST(FindEndpoint, ReadsDockerHost) {
  const std::pair<const char*, Address> k_cases[] = {
      {"unix:///tmp/d.sock", UnixSocket{"/tmp/d.sock"}},
      {"unix://", UnixSocket{"/var/run/docker.sock"}},
      {"tcp://10.0.0.1", TcpAddress{"10.0.0.1", 2375, {}}},
      {"tcp://engine:99/", TcpAddress{"engine", 99, {}}},
      {"tcp://[::1]:99", TcpAddress{"::1", 99, {}}},
      {"tcp://[fe80::1]", TcpAddress{"fe80::1", 2375, {}}},
      {"http://engine", TcpAddress{"engine", 2375, {}}},
      {"https://engine", TcpAddress{"engine", 2376, Tls{}}},
      {"engine:99", TcpAddress{"engine", 99, {}}},
      {"ssh://build", SshAddress{.host = "build"}},
      {"ssh://build/", SshAddress{.host = "build"}},
      {"ssh://me@build:2222", SshAddress{.host = "build", .user = "me", .port = 2222}},
      {"ssh://me@[::1]:2222", SshAddress{.host = "::1", .user = "me", .port = 2222}},
      {"ssh://build/run/user/7/d.sock",
       SshAddress{.host = "build", .socket = "/run/user/7/d.sock"}},
  };
  for (const auto& [host, address] : k_cases) {
    World world;
    world.variables["DOCKER_HOST"] = host;
    world.variables["DOCKER_CONTEXT"] = "loses";
    EXPECT_EQ(found(world), at(address, "`DOCKER_HOST`")) << host;
  }
}

TEST(FindEndpoint, RefusesADockerHostThatIsNone) {
  const std::string forms =
      "; write unix:///path/to/socket, tcp://host:port or ssh://user@host:port";
  EXPECT_EQ(
      host_complaint("unix://d.sock"),
      "`DOCKER_HOST` is `unix://d.sock`, whose path does not begin with /; write unix:///d.sock");
  EXPECT_EQ(host_complaint("tcp://"), "`DOCKER_HOST` is `tcp://`, which names no host" + forms);
  EXPECT_EQ(host_complaint("tcp://:2375"),
            "`DOCKER_HOST` is `tcp://:2375`, which names no host" + forms);
  EXPECT_EQ(host_complaint("tcp://a:0"),
            "`DOCKER_HOST` is `tcp://a:0`, which has no port from 1 to 65535" + forms);
  EXPECT_EQ(host_complaint("tcp://a:65536"),
            "`DOCKER_HOST` is `tcp://a:65536`, which has no port from 1 to 65535" + forms);
  EXPECT_EQ(host_complaint("tcp://a:b"),
            "`DOCKER_HOST` is `tcp://a:b`, which has no port from 1 to 65535" + forms);
  EXPECT_EQ(host_complaint("tcp://a/b"),
            "`DOCKER_HOST` is `tcp://a/b`, which has more than a host and a port" + forms);
  EXPECT_EQ(host_complaint("tcp://[::1]x"),
            "`DOCKER_HOST` is `tcp://[::1]x`, which has more than a host and a port" + forms);
  EXPECT_EQ(host_complaint("tcp://[::1"),
            "`DOCKER_HOST` is `tcp://[::1`, which has no end of its address" + forms);
  EXPECT_EQ(host_complaint("tcp://::1:2375"),
            "`DOCKER_HOST` is `tcp://::1:2375`, whose IPv6 address needs brackets, as in "
            "`[::1]:2375`");
  EXPECT_EQ(host_complaint("npipe:////./pipe/docker_engine"),
            "`DOCKER_HOST` is `npipe:////./pipe/docker_engine`, whose scheme `npipe` is not known" +
                forms);
}

TEST(FindEndpoint, RefusesWhatSshWouldTakeForSomethingElse) {
  const std::string forms =
      "; write unix:///path/to/socket, tcp://host:port or ssh://user@host:port";
  EXPECT_EQ(host_complaint("ssh://"), "`DOCKER_HOST` is `ssh://`, which names no host" + forms);
  EXPECT_EQ(host_complaint("ssh://-oProxyCommand=x"),
            "`DOCKER_HOST` is `ssh://-oProxyCommand=x`, whose host has characters that are not to "
            "be expected" +
                forms);
  EXPECT_EQ(host_complaint("ssh://-l@build"),
            "`DOCKER_HOST` is `ssh://-l@build`, whose user has characters that are not to be "
            "expected" +
                forms);
  EXPECT_EQ(host_complaint("ssh://build/a:b"),
            "`DOCKER_HOST` is `ssh://build/a:b`, whose path has characters that are not to be "
            "expected" +
                forms);
  EXPECT_EQ(host_complaint("ssh://me:secret@build"),
            "`DOCKER_HOST` is `ssh://me:secret@build`, which has a password; let ssh log in with a "
            "key, and write ssh://user@host");
}

TEST(FindEndpoint, SaysAnAddressAsItWasWritten) {
  for (const char* host : {"unix:///tmp/d.sock", "tcp://[::1]:99", "ssh://build",
                           "ssh://me@build:2222", "ssh://me@[::1]:2222/run/d.sock"}) {
    World world;
    world.variables["DOCKER_HOST"] = host;
    EXPECT_EQ(address_text(found(world)), host);
  }
}

TEST(FindEndpoint, SpeaksTlsWhereTheEnvironmentWantsIt) {
  World world;
  for (const auto* name : {"ca.pem", "cert.pem", "key.pem"})
    world.write(std::string("/certs/") + name);
  world.variables["DOCKER_HOST"] = "tcp://engine";
  world.variables["DOCKER_CERT_PATH"] = "/certs";
  EXPECT_EQ(found(world), at(TcpAddress{"engine", 2375, {}}, "`DOCKER_HOST`"));
  world.variables["DOCKER_TLS"] = "1";
  Tls tls{"/certs/ca.pem", "/certs/cert.pem", "/certs/key.pem", false};
  EXPECT_EQ(found(world), at(TcpAddress{"engine", 2376, tls}, "`DOCKER_HOST`"));
  world.variables["DOCKER_TLS_VERIFY"] = "1";
  tls.verify = true;
  EXPECT_EQ(found(world), at(TcpAddress{"engine", 2376, tls}, "`DOCKER_HOST`"));
}

TEST(FindEndpoint, LooksForCertificatesBesideConfigJson) {
  World world;
  world.variables["DOCKER_HOST"] = "tcp://engine:1";
  world.variables["DOCKER_TLS_VERIFY"] = "1";
  EXPECT_EQ(complaint(world),
            "`DOCKER_TLS_VERIFY` is set, but `/home/u/.docker/ca.pem` does not exist; put the "
            "engine's ca.pem there, or set "
            "`DOCKER_CERT_PATH` to its directory");
  world.write("/home/u/.docker/ca.pem");
  EXPECT_EQ(found(world), at(TcpAddress{"engine", 1, Tls{"/home/u/.docker/ca.pem", {}, {}, true}},
                             "`DOCKER_HOST`"));
  world.write("/home/u/.docker/key.pem");
  EXPECT_EQ(complaint(world),
            "`DOCKER_HOST`: `/home/u/.docker` has only one of cert.pem and key.pem; put both "
            "there, or none");
}

TEST(FindEndpoint, TakesTheCurrentContext) {
  World world;
  world.write_config(R"({"currentContext": "far"})");
  add_context(world, "near", R"({"Host": "unix:///near.sock"})");
  add_context(world, "far", R"({"Host": "tcp://far:1"})");
  world.write("/home/u/.docker/contexts/meta/broken/meta.json", "{");
  EXPECT_EQ(found(world), at(TcpAddress{"far", 1, {}}, "context `far`"));
  world.variables["DOCKER_CONTEXT"] = "near";
  EXPECT_EQ(found(world), at(UnixSocket{"/near.sock"}, "context `near`"));
  world.variables["DOCKER_CONTEXT"] = "default";
  EXPECT_EQ(found(world).source, "default");
}

TEST(FindEndpoint, SpeaksTlsWhereTheContextHasCertificates) {
  World world;
  world.variables["DOCKER_CONTEXT"] = "far";
  add_context(world, "far", R"({"Host": "tcp://far", "SkipTLSVerify": true})");
  EXPECT_EQ(found(world), at(TcpAddress{"far", 2376, Tls{{}, {}, {}, false}}, "context `far`"));
  add_context(world, "far", R"({"Host": "tcp://far", "SkipTLSVerify": false})");
  const std::string directory = "/home/u/.docker/contexts/tls/far0f/docker/";
  for (const auto* name : {"ca.pem", "cert.pem", "key.pem"}) world.write(directory + name);
  EXPECT_EQ(
      found(world),
      at(TcpAddress{"far", 2376,
                    Tls{directory + "ca.pem", directory + "cert.pem", directory + "key.pem", true}},
         "context `far`"));
}

TEST(FindEndpoint, RefusesAContextThatCannotBeUsed) {
  World world;
  add_context(world, "build", "{}");
  world.variables["DOCKER_CONTEXT"] = "biuld";
  EXPECT_EQ(
      complaint(world),
      "`DOCKER_CONTEXT` names the context `biuld`, which does not exist; did you mean `build`?");
  world.variables["DOCKER_CONTEXT"] = "build";
  EXPECT_EQ(
      complaint(world),
      "context `build` names no docker engine; `docker context inspect build` shows what it says");
  add_context(world, "build", R"({"Host": "ssh://x"})");
  EXPECT_EQ(found(world), at(SshAddress{.host = "x"}, "context `build`"));
  world.variables = {{"DOCKER_CONFIG", "/etc/d"}};
  world.write("/etc/d/config.json", R"({"currentContext": "gone"})");
  EXPECT_EQ(complaint(world),
            "`/etc/d/config.json` names the context `gone`, which does not exist; `docker context "
            "ls` lists those that do");
}

TEST(FindEndpoint, GoesOnWithoutAConfigFileThatIsBroken) {
  World world;
  world.write_config("{\"secret");
  const Endpoint endpoint = found(world);
  EXPECT_EQ(endpoint.source, "default");
  EXPECT_EQ(
      endpoint.warning,
      "`" + (world.root() / "home/u/.docker/config.json").native() +
          "` is not a JSON object; it is left aside, and with it its contexts and credentials");
  world.variables.clear();
  EXPECT_EQ(found(world).warning, "");
}

TEST(AddressText, IsWhatDockerHostWouldSay) {
  for (const auto* host : {"unix:///a/b", "tcp://engine:1", "tcp://[::1]:2375"}) {
    World world;
    world.variables["DOCKER_HOST"] = host;
    EXPECT_EQ(address_text(found(world)), host);
  }
}

TEST(ProxyEnvironment, IsThatOfTheEngineElseTheDefault) {
  World world;
  world.write_config(R"({"proxies": {"tcp://far:1": {"httpsProxy": "http://far"},
                                     "default": {"httpProxy": "http://p", "noProxy": "localhost", "other": 1}}})");
  EXPECT_EQ(proxy_environment(world.config(), "tcp://far:1"),
            (Env{{"HTTPS_PROXY", "http://far"}, {"https_proxy", "http://far"}}));
  EXPECT_EQ(proxy_environment(world.config(), "unix:///x"), (Env{{"HTTP_PROXY", "http://p"},
                                                                 {"http_proxy", "http://p"},
                                                                 {"NO_PROXY", "localhost"},
                                                                 {"no_proxy", "localhost"}}));
  EXPECT_EQ(proxy_environment({}, "unix:///x"), Env());
}

}  // namespace
}  // namespace jci::docker
