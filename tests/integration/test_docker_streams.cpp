// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>

#include "engine_fixture.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using http::FailureKind;
using testing::ElementsAre;
using testing::HasSubstr;

std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

class DockerStreams : public OnEngine {
 protected:
  void read_all(OutputStream stream, const OutputSink& sink) { must(stream.read(sink)); }
};

TEST_F(DockerStreams, TellOutputAndErrorApart) {
  const std::string id = create({"sh", "-c", "echo out; echo err >&2"});
  run_to_end(id);
  Output output;
  read_all(must(client_.logs(id, {.follow = true})), output.sink);
  EXPECT_EQ(output.out, "out\n");
  EXPECT_EQ(output.err, "err\n");
}

TEST_F(DockerStreams, OfATerminalAreOne) {
  const std::string id = create({"sh", "-c", "echo out; echo err >&2"}, {{"Tty", true}});
  run_to_end(id);
  Output output;
  read_all(must(client_.logs(id, {.terminal = true})), output.sink);
  EXPECT_EQ(output.out, "out\r\nerr\r\n");
  EXPECT_EQ(output.err, "");
}

TEST_F(DockerStreams, BeginAtTheTail) {
  const std::string id = create({"sh", "-c", "echo 1; echo 2; echo 3"});
  run_to_end(id);
  Output output;
  read_all(must(client_.logs(id, {.tail = "2"})), output.sink);
  EXPECT_EQ(output.out, "2\n3\n");
}

TEST_F(DockerStreams, BeginAtATime) {
  const std::string id = create({"echo", "1"});
  run_to_end(id);
  Output output;
  read_all(must(client_.logs(id, {.since = "32503680000"})), output.sink);  // the year 3000
  EXPECT_EQ(output.out, "");
}

TEST_F(DockerStreams, FollowAContainerToItsEnd) {
  const std::string id = start({"sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done"});
  Output output;
  read_all(must(client_.logs(id, {.follow = true})), output.sink);
  EXPECT_EQ(output.out, "1\n2\n3\n");
}

TEST_F(DockerStreams, LoseNoByteOfMany) {
  const std::string id =
      create({"sh", "-c", "yes 0123456789 | head -n 300000; yes e | head -n 1000 >&2"});
  OutputStream attached = must(client_.attach(id, false));
  Output output;
  Background reading(context_, attached.read(output.sink));
  run_to_end(id);
  ASSERT_TRUE(reading.result());
  EXPECT_EQ(output.out.size(), 300'000U * 11);
  EXPECT_EQ(output.err.size(), 1000U * 2);
  Output log;
  read_all(must(client_.logs(id, {})), log.sink);
  EXPECT_TRUE(log.out == output.out);
  EXPECT_TRUE(log.err == output.err);
}

TEST_F(DockerStreams, AttachedBeforeTheStartMissNothing) {
  const std::string id = create({"echo", "first"});
  OutputStream attached = must(client_.attach(id, false));
  Output output;
  Background reading(context_, attached.read(output.sink));
  must(client_.start_container(id));
  EXPECT_TRUE(reading.result());
  EXPECT_EQ(output.out, "first\n");
}

TEST_F(DockerStreams, EndWhenTheyAreCancelled) {
  const std::string id = start({"sleep", "1000"});
  const auto before = open_files();
  OutputStream log = must(client_.logs(id, {.follow = true}));
  Output output;
  Background reading(context_, log.read(output.sink));
  Waiting waiting = must(client_.wait_container(id, WaitFor::next_exit));
  Background ending(context_, waiting.ended());
  context_.poll();
  reading.cancel();
  ending.cancel();
  EXPECT_TRUE(reading.result().error().is(FailureKind::cancelled));
  EXPECT_TRUE(ending.result().error().is(FailureKind::cancelled));
  EXPECT_LE(open_files(), before);  // the idle connection that was there was one of the two
  EXPECT_EQ(must(client_.inspect_container(id)).at("State").at("Status").as_string(), "running");
}

TEST_F(DockerStreams, ThatAreDroppedCloseTheirConnections) {
  const std::string id = start({"sleep", "1000"});
  const auto before = open_files();
  for (int i = 0; i < 20; ++i) {
    const OutputStream log = must(client_.logs(id, {.follow = true}));
    const Waiting waiting = must(client_.wait_container(id, WaitFor::next_exit));
  }
  EXPECT_LE(open_files(), before);
}

TEST_F(DockerStreams, OfEventsTellWhatHappensToOurs) {
  EventStream events = must(client_.events({label()}, ""));
  const std::string other = must(client_.create_container({{"Image", "busybox:local"}}, "", "")).id;
  must(client_.remove_container(other, true, true));
  const std::string id = create({"sh", "-c", "exit 3"});
  run_to_end(id);
  std::vector<std::string> actions;
  while (actions.size() < 3) {
    const auto event = must(events.next());
    ASSERT_TRUE(event);
    EXPECT_EQ(event->at("Actor").at("ID").as_string(), id);
    actions.emplace_back(event->at("Action").as_string());
  }
  EXPECT_THAT(actions, ElementsAre("create", "start", "die"));
}

TEST_F(DockerStreams, OfEventsTellWhatHappenedBefore) {
  const std::string id = create({"true"});
  EventStream events = must(client_.events({label()}, "0"));
  const auto event = must(events.next());
  ASSERT_TRUE(event);
  EXPECT_EQ(event->at("Action").as_string(), "create");
}

TEST_F(DockerStreams, OfEventsAreAskedWhetherOneHappened) {
  const std::string id = create({"true"});
  run_to_end(id);
  const std::chrono::sys_seconds soon =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now());
  EXPECT_TRUE(must(client_.happened(id, "start", soon)));
  EXPECT_FALSE(must(client_.happened(id, "oom", soon)));
}

TEST_F(DockerStreams, OfEventsTellOfOneThatIsStillToCome) {
  const std::string id = create({"true"});
  const auto late = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now()) + 60s;
  Background happened(context_, client_.happened(id, "start", late));
  context_.poll();
  EXPECT_FALSE(happened.over());
  run_to_end(id);
  EXPECT_TRUE(happened.result());
}

TEST_F(DockerStreams, OfEventsEndWhenTheyAreCancelled) {
  EventStream events = must(client_.events({label()}, ""));
  Background next(context_, events.next());
  context_.poll();
  EXPECT_FALSE(next.over());
  next.cancel();
  EXPECT_TRUE(next.result().error().is(FailureKind::cancelled));
}

}  // namespace
}  // namespace jci::docker
