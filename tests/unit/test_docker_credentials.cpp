// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "docker_world.hpp"
#include "jci/executors/docker/credentials.hpp"

namespace jci::docker {
namespace {

namespace fs = std::filesystem;

/// What an engine reads in the header; it is decoded by another program than ours.
std::string decoded(const std::string& header) {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() / "in") << header;
  const std::string command = "tr -- '-_' '+/' < " + (directory.path() / "in").native() +
                              " | base64 -d > " + (directory.path() / "out").native();
  if (std::system(command.c_str()) != 0) return "not base64: " + header;
  std::ifstream out(directory.path() / "out");
  return {std::istreambuf_iterator<char>(out), {}};
}

/// A config.json, and helpers in PATH.
class Credentials : public testing::Test {
 protected:
  void SetUp() override {
    path_before_ = std::getenv("PATH");
    ::setenv("PATH", ((world_.root() / "bin").native() + ":" + path_before_).c_str(), 1);
  }
  void TearDown() override { ::setenv("PATH", path_before_.c_str(), 1); }

  void add_helper(const std::string& name, std::string_view script) {
    const std::string program = "/bin/docker-credential-" + name;
    world_.write(program, "#!/bin/sh\n" + std::string(script));
    fs::permissions(beneath(world_.root(), program), fs::perms::owner_all);
  }

  RegistryAuth auth(std::string_view config, std::string_view registry = "ghcr.io",
                    std::chrono::milliseconds deadline = std::chrono::minutes(1)) {
    world_.write_config(config);
    return registry_auth(world_.config(), registry, deadline);
  }

  std::string shown(std::string_view config, std::string_view registry = "ghcr.io") {
    const RegistryAuth found = auth(config, registry);
    EXPECT_EQ(found.warning, "");
    return found.header.empty() ? "nobody" : decoded(found.header);
  }

  World world_;
  std::string path_before_;
};

constexpr std::string_view k_bob =
    R"({"username":"bob","password":"s3:cret","serveraddress":"ghcr.io"})";
// base64 of "bob:s3:cret"
constexpr std::string_view k_bob_file = R"({"auths": {"ghcr.io": {"auth": "Ym9iOnMzOmNyZXQ="}}})";

TEST_F(Credentials, AreNobodysWhereNothingIsSaid) {
  EXPECT_EQ(shown("{}"), "nobody");
  EXPECT_EQ(shown(R"({"auths": {"ghcr.io": {}, "quay.io": {"auth": "Ym9iOnMzOmNyZXQ="}}})"),
            "nobody");
  EXPECT_EQ(registry_auth({}, "ghcr.io").header, "");
}

TEST_F(Credentials, AreReadFromAuths) {
  EXPECT_EQ(shown(k_bob_file), k_bob);
  EXPECT_EQ(
      shown(R"({"auths": {"https://ghcr.io/v2/": {"username": "bob", "password": "s3:cret"}}})"),
      k_bob);
  EXPECT_EQ(shown(R"({"auths": {"ghcr.io": {"auth": "Ym9iOnMzOmNyZXQ=", "identitytoken": "t"}}})"),
            R"({"identitytoken":"t","serveraddress":"ghcr.io"})");
  EXPECT_EQ(shown(R"({"auths": {"ghcr.io": {"registrytoken": "t"}}})"),
            R"({"registrytoken":"t","serveraddress":"ghcr.io"})");
  EXPECT_EQ(shown(R"({"auths": {"r:5000": {"username": "a", "password": "b"}}})", "r:5000"),
            R"({"username":"a","password":"b","serveraddress":"r:5000"})");
  EXPECT_EQ(auth(k_bob_file).source, "`auths` of `/home/u/.docker/config.json`");
}

TEST_F(Credentials, KnowDockerHubByAnyOfItsNames) {
  for (const auto* name :
       {"https://index.docker.io/v1/", "docker.io", "registry-1.docker.io", "index.docker.io"})
    EXPECT_EQ(
        shown(R"({"auths": {")" + std::string(name) + R"(": {"username": "a", "password": "b"}}})",
              "docker.io"),
        R"({"username":"a","password":"b","serveraddress":"https://index.docker.io/v1/"})");
}

TEST_F(Credentials, AreSafeInAHeader) {
  const auto found = auth(
      R"({"auths": {"ghcr.io": {"username": "\u00ff\u00ff\u00ff???", "password": ">>>>~~~"}}})");
  EXPECT_EQ(found.header.find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="),
            std::string::npos);
  EXPECT_EQ(decoded(found.header),
            "{\"username\":\"\u00ff\u00ff\u00ff???\",\"password\":\">>>>~~~\",\"serveraddress\":"
            "\"ghcr.io\"}");
}

TEST_F(Credentials, ComeFromTheHelperOfTheRegistryElseOfAll) {
  add_helper("one", R"(read server; echo "{\"Username\": \"one\", \"Secret\": \"$1 $server\"}")");
  add_helper("all",
             R"(read server; echo "{\"Username\": \"<token>\", \"Secret\": \"$1 $server\"}")");
  constexpr std::string_view k_config =
      R"({"credHelpers": {"ghcr.io": "one"}, "credsStore": "all"})";
  EXPECT_EQ(shown(k_config),
            R"({"username":"one","password":"get ghcr.io","serveraddress":"ghcr.io"})");
  EXPECT_EQ(
      shown(k_config, "docker.io"),
      R"({"identitytoken":"get https://index.docker.io/v1/","serveraddress":"https://index.docker.io/v1/"})");
  EXPECT_EQ(auth(k_config).source, "`docker-credential-one`");
}

TEST_F(Credentials, AreThoseOfTheFileWhereTheHelperKnowsNone) {
  add_helper("none", "echo 'credentials not found in native keychain'; exit 1");
  EXPECT_EQ(shown(R"({"credsStore": "none"})"), "nobody");
  EXPECT_EQ(shown(R"({"credsStore": "none", "auths": {"ghcr.io": {"auth": "Ym9iOnMzOmNyZXQ="}}})"),
            k_bob);
}

TEST_F(Credentials, SayWhyAHelperWasOfNoUse) {
  const auto warning = [&](std::string_view name, std::string_view script) {
    if (!script.empty()) add_helper(std::string(name), script);
    const auto found = auth(R"({"credsStore": ")" + std::string(name) + R"("})");
    EXPECT_EQ(found.header, "");
    return found.warning;
  };
  EXPECT_EQ(warning("broken", "echo s3cret; exit 3"),
            "`docker-credential-broken` failed with exit code 3, so it was not asked for the "
            "credentials of `ghcr.io`; `echo "
            "ghcr.io | docker-credential-broken get` shows more");
  EXPECT_TRUE(warning("chatty", "echo s3cret")
                  .starts_with("`docker-credential-chatty` gave no JSON object, "));
  EXPECT_TRUE(
      warning("gone", "")
          .starts_with("`docker-credential-gone` could not be run (No such file or directory), "));
  EXPECT_TRUE(
      warning("../bin/x", "").starts_with("`docker-credential-../bin/x` is no program's name, "));
  add_helper("slow", "exec sleep 1000");
  EXPECT_TRUE(auth(R"({"credsStore": "slow"})", "ghcr.io", std::chrono::milliseconds(50))
                  .warning.starts_with(
                      "`docker-credential-slow` could not be run (Connection timed out), "));
}

TEST_F(Credentials, SayWhatIsBrokenInTheFile) {
  for (const auto* encoded : {"Ym9i", "not base64!"}) {
    const auto found =
        auth(R"({"auths": {"ghcr.io": {"auth": ")" + std::string(encoded) + R"("}}})");
    EXPECT_EQ(found.header, "");
    EXPECT_EQ(found.warning,
              "`auths` of `/home/u/.docker/config.json` has an `auth` for `ghcr.io` that is not "
              "base64 of name:password; `docker "
              "login ghcr.io` writes a new one");
  }
  EXPECT_TRUE(
      auth("[]").warning.ends_with("config.json` is not a JSON object; it is left aside, and with "
                                   "it its contexts and credentials"));
  EXPECT_EQ(auth(R"({"auths": [1], "credHelpers": 3, "credsStore": {}})").warning, "");
}

TEST_F(Credentials, SurviveAFileThatCannotBeRead) {
  fs::create_directories(world_.root() / "home/u/.docker/config.json");
  const auto found = registry_auth(world_.config(), "ghcr.io");
  EXPECT_EQ(found.header, "");
  EXPECT_EQ(found.warning,
            "cannot read `" + (world_.root() / "home/u/.docker/config.json").native() +
                "`: Is a directory; it is left aside, and with it its contexts and credentials");
}

}  // namespace
}  // namespace jci::docker
