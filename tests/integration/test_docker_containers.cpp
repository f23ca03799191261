// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <algorithm>

#include "engine_fixture.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const ArchiveSink k_ignore = [](std::string_view) -> Awaitable<bool> { co_return true; };

class DockerContainers : public OnEngine {
 protected:
  std::string state_of(const std::string& id) {
    const auto details = must(client_.inspect_container(id));
    return std::string(details.at("State").at("Status").as_string());
  }
};

TEST_F(DockerContainers, AgreeOnAVersionThatBothSpeak) {
  EXPECT_THAT(must(client_.connect()), testing::MatchesRegex("1\\.4[123]"));
}

TEST_F(DockerContainers, TellAboutTheEngine) {
  EXPECT_EQ(must(client_.info()).at("OSType").as_string(), "linux");
}

TEST_F(DockerContainers, EndWithTheExitCodeOfTheirCommand) {
  EXPECT_EQ(run_to_end(create({"sh", "-c", "exit 3"})).exit_code, 3);
  EXPECT_EQ(run_to_end(create({"true"})).exit_code, 0);
}

TEST_F(DockerContainers, AreWaitedForUntilTheyAreGone) {
  const std::string id = start({"sleep", "1000"});
  Waiting waiting = must(client_.wait_container(id, WaitFor::removed));
  must(client_.remove_container(id, true, true));
  EXPECT_EQ(must(waiting.ended()).exit_code, 137);
}

TEST_F(DockerContainers, ThatHaveEndedNeedNoWaiting) {
  const std::string id = create({"sh", "-c", "exit 4"});
  run_to_end(id);
  Waiting waiting = must(client_.wait_container(id, WaitFor::not_running));
  EXPECT_EQ(must(waiting.ended()).exit_code, 4);
}

TEST_F(DockerContainers, ThatRunAlreadyCountAsStarted) {
  const std::string id = start({"sleep", "1000"});
  must(client_.start_container(id));
  EXPECT_EQ(state_of(id), "running");
}

TEST_F(DockerContainers, GetTheSignalTheyAreSent) {
  const std::string id =
      start({"sh", "-c", "trap 'exit 7' USR1; echo ready; while :; do sleep 0.1; done"});
  Output output;
  OutputStream log = must(client_.logs(id, {.follow = true}));
  Background reading(context_, log.read(output.sink));
  run_until([&] { return output.out == "ready\n"; });
  Waiting waiting = must(client_.wait_container(id, WaitFor::not_running));
  must(client_.kill_container(id, "SIGUSR1"));
  EXPECT_EQ(must(waiting.ended()).exit_code, 7);
  EXPECT_TRUE(reading.result());
}

TEST_F(DockerContainers, AreStoppedByForceAfterTheGrace) {
  const std::string id = start({"sleep", "1000"});  // as process 1 it does not hear SIGTERM
  must(client_.stop_container(id, std::chrono::seconds(0)));
  EXPECT_EQ(state_of(id), "exited");
  must(client_.stop_container(id, std::chrono::seconds(0)));
}

TEST_F(DockerContainers, AreFoundByLabelAlone) {
  const std::string running = start({"sleep", "1000"});
  const std::string created = create({"true"});
  auto found = must(client_.list_containers({label()}));
  std::ranges::sort(found, {}, &ContainerSummary::state);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, created);
  EXPECT_EQ(found[0].state, "created");
  EXPECT_EQ(found[1].id, running);
  EXPECT_EQ(found[1].state, "running");
  const auto equals = label().find('=');
  EXPECT_THAT(found[1].labels,
              ElementsAre(std::pair(label().substr(0, equals), label().substr(equals + 1))));
  EXPECT_THAT(must(client_.list_containers({label(), "jci-test-none"})), IsEmpty());
}

TEST_F(DockerContainers, AreNotListedByNoLabel) {
  create({"true"});
  EXPECT_THAT(must(client_.list_containers({})), IsEmpty());
}

TEST_F(DockerContainers, AreGoneWhenRemoved) {
  const std::string id = create({"true"});
  must(client_.remove_container(id, false, true));
  EXPECT_TRUE(error_of(client_.inspect_container(id)).has_status(404));
}

TEST_F(DockerContainers, OfAMissingImageAreNotCreated) {
  const json::object config{{"Image", "nope:1"}};
  const Error error = error_of(client_.create_container(config, "", ""));
  EXPECT_TRUE(error.has_status(404));
  EXPECT_EQ(error.text, "No such image: nope:1");
}

TEST_F(DockerContainers, OfABadNameAreNotCreated) {
  const json::object config{{"Image", "busybox:local"}};
  EXPECT_TRUE(error_of(client_.create_container(config, "a/b?c=d&e", "")).has_status(400));
}

TEST_F(DockerContainers, OfANameThatIsTakenAreNotCreated) {
  const auto taken = must(client_.inspect_container(create({"true"})));
  const std::string name(taken.at("Name").as_string().subview(1));
  const json::object config{{"Image", "busybox:local"}};
  EXPECT_TRUE(error_of(client_.create_container(config, name, "")).has_status(409));
}

TEST_F(DockerContainers, WhoseCommandIsMissingDoNotStart) {
  const Error error = error_of(client_.start_container(create({"/no/such/command"})));
  EXPECT_TRUE(error.has_status(400) || error.has_status(404)) << error.status;
  EXPECT_THAT(error.text, HasSubstr("no such file"));
}

TEST_F(DockerContainers, ThatDoNotExistAreAnErrorInEveryCall) {
  const std::string id = "jci-no/such?container";
  const http::BodySource nothing = []() -> Awaitable<std::string_view> {
    co_return std::string_view();
  };
  EXPECT_TRUE(error_of(client_.start_container(id)).has_status(404));
  EXPECT_TRUE(error_of(client_.wait_container(id, WaitFor::next_exit)).has_status(404));
  EXPECT_TRUE(error_of(client_.inspect_container(id)).has_status(404));
  EXPECT_TRUE(error_of(client_.logs(id, {})).has_status(404));
  EXPECT_TRUE(error_of(client_.attach(id, false)).has_status(404));
  EXPECT_TRUE(error_of(client_.stop_container(id, std::chrono::seconds(0))).has_status(404));
  EXPECT_TRUE(error_of(client_.kill_container(id, "SIGTERM")).has_status(404));
  EXPECT_TRUE(error_of(client_.remove_container(id, true, true)).has_status(404));
  EXPECT_TRUE(error_of(client_.put_archive(id, "/", nothing)).has_status(404));
  EXPECT_TRUE(error_of(client_.get_archive(id, "/", k_ignore)).has_status(404));
  EXPECT_TRUE(error_of(client_.exec(id, {.command = {"true"}}, {})).has_status(404));
}

TEST_F(DockerContainers, ThatDoNotRunCannotBeKilled) {
  EXPECT_TRUE(error_of(client_.kill_container(create({"true"}), "SIGTERM")).has_status(409));
}

TEST_F(DockerContainers, RunFurtherCommands) {
  const std::string id = start({"sleep", "1000"});
  Output output;
  const ExecRequest request{.command = {"sh", "-c", "echo $A; pwd; echo e >&2; exit 5"},
                            .env = {"A=b"},
                            .working_dir = "/tmp"};
  EXPECT_EQ(must(client_.exec(id, request, output.sink)), 5);
  EXPECT_EQ(output.out, "b\n/tmp\n");
  EXPECT_EQ(output.err, "e\n");
}

TEST_F(DockerContainers, ThatDoNotRunRunNoFurtherCommands) {
  EXPECT_TRUE(error_of(client_.exec(create({"true"}), {.command = {"true"}}, {})).has_status(409));
}

TEST_F(DockerContainers, TakeAndGiveFiles) {
  const std::string from = start({"sh", "-c", "head -c 3000000 /dev/urandom >/tmp/a; sleep 1000"});
  const ExecRequest settled{
      .command = {"sh", "-c", "until [ $(stat -c %s /tmp/a) = 3000000 ]; do :; done"}};
  Output settling;
  must(client_.exec(from, settled, settling.sink));
  std::string tar;
  const ArchiveSink keep = [&](std::string_view bytes) -> Awaitable<bool> {
    tar += bytes;
    co_return true;
  };
  must(client_.get_archive(from, "/tmp/a", keep));
  EXPECT_GT(tar.size(), 3'000'000U);

  const std::string to = start({"sleep", "1000"});
  std::size_t sent = 0;
  const http::BodySource source = [&]() -> Awaitable<std::string_view> {
    const std::string_view piece = std::string_view(tar).substr(sent, 64 * 1024);
    sent += piece.size();
    co_return piece;
  };
  must(client_.put_archive(to, "/root", source));
  Output before;
  Output after;
  EXPECT_EQ(must(client_.exec(from, {.command = {"md5sum", "/tmp/a"}}, before.sink)), 0);
  EXPECT_EQ(must(client_.exec(to, {.command = {"md5sum", "/root/a"}}, after.sink)), 0);
  EXPECT_EQ(before.out.substr(0, 32), after.out.substr(0, 32));
}

TEST_F(DockerContainers, SayWhichPathIsMissing) {
  const Error error = error_of(client_.get_archive(create({"true"}), "/no/such", k_ignore));
  EXPECT_TRUE(error.has_status(404));
  EXPECT_THAT(error.text, HasSubstr("/no/such"));
}

}  // namespace
}  // namespace jci::docker
