// SPDX-License-Identifier: MIT
#include <boost/asio/local/stream_protocol.hpp>
#include <gmock/gmock.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "engine_fixture.hpp"

namespace jci::docker {
namespace {

using http::FailureKind;
using testing::HasSubstr;

class DockerFailures : public OnEngine {
 protected:
  Client client_at(const std::string& socket) {
    http::Endpoint endpoint;
    endpoint.socket = socket;
    return {context_.get_executor(), endpoint};
  }
};

TEST_F(DockerFailures, NoSocketIsToldAsSuch) {
  Client nowhere = client_at("/no/such/docker.sock");
  const Error error = error_of(nowhere.connect());
  EXPECT_TRUE(error.is(FailureKind::no_such_socket));
  EXPECT_EQ(error.text, "cannot connect to `/no/such/docker.sock`: No such file or directory");
}

TEST_F(DockerFailures, ASocketThatNobodyListensAtRefuses) {
  const std::string path = std::filesystem::temp_directory_path() / ("jci-" + label());
  {
    const boost::asio::local::stream_protocol::acceptor gone(context_, path);
  }
  Client refused = client_at(path);
  EXPECT_TRUE(error_of(refused.connect()).is(FailureKind::cannot_connect));
  std::filesystem::remove(path);
}

TEST_F(DockerFailures, ASocketOfOthersDeniesPermission) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  Client client = client_at(socket());
  ASSERT_EQ(::seteuid(65534), 0);
  const auto answer = run(client.connect());
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().is(FailureKind::permission_denied)) << answer.error().text;
}

class DockerEngineFailures : public OnPrivateEngine {};

TEST_F(DockerEngineFailures, ThatEndTheEngineEndWaitsAndStreams) {
  const std::string id = start({"sh", "-c", "echo ready; exec sleep 1000"});
  Waiting waiting = must(client_.wait_container(id, WaitFor::next_exit));
  OutputStream log = must(client_.logs(id, {.follow = true}));
  EventStream events = must(client_.events({label()}, ""));
  Output output;
  Background ending(context_, waiting.ended());
  Background reading(context_, log.read(output.sink));
  Background event(context_, events.next());
  run_until([&] { return output.out == "ready\n"; });

  engine("kill");
  const auto ended = ending.result();
  const auto read = reading.result();
  const auto told = event.result();
  Answer<std::string> during = run(client_.connect());
  engine("start");

  ASSERT_FALSE(ended);
  EXPECT_TRUE(ended.error().is(FailureKind::closed)) << ended.error().text;
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().is(FailureKind::closed)) << read.error().text;
  ASSERT_FALSE(told);
  EXPECT_TRUE(told.error().is(FailureKind::closed)) << told.error().text;
  ASSERT_FALSE(during);
  EXPECT_TRUE(during.error().is(FailureKind::cannot_connect)) << during.error().text;
  // The connections of before are gone; calls make new ones, those that change something as well.
  EXPECT_EQ(create({"true"}).size(), 64U);
}

}  // namespace
}  // namespace jci::docker
