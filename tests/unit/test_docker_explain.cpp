// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "jci/core/pipeline.hpp"
#include "jci/executors/docker/explain.hpp"

namespace jci::docker {
namespace {

using http::FailureKind;

Error refusal(unsigned status, std::string words = "its words") {
  return refused(status, std::move(words)).error();
}

Error failure(FailureKind kind, std::string words = "its words") {
  return to_error({kind, std::move(words)}).error();
}

// --- no engine ---

const Endpoint k_chosen{UnixSocket{"/run/my.sock"}, "`DOCKER_HOST`", {}, {}};
const Endpoint k_looked_for{UnixSocket{"/var/run/docker.sock"},
                            "default",
                            {"/var/run/docker.sock", "/run/podman/podman.sock"},
                            {}};

TEST(DockerExplainNoEngine, NamesTheSocketsThatWereTried) {
  EXPECT_EQ(explain_no_engine(k_looked_for, failure(FailureKind::no_such_socket)),
            "no Docker engine found: there is none of the sockets `/var/run/docker.sock`, "
            "`/run/podman/podman.sock`; start one, set DOCKER_HOST, or run jobs as processes of "
            "this machine: `--executor shell`");
}

TEST(DockerExplainNoEngine, NamesTheSocketThatIsNotThereAndWhoChoseIt) {
  EXPECT_EQ(explain_no_engine(k_chosen, failure(FailureKind::no_such_socket)),
            "no Docker engine at `unix:///run/my.sock` (`DOCKER_HOST`): there is no such socket; "
            "start the engine, or run jobs as processes of this machine: `--executor shell`");
}

TEST(DockerExplainNoEngine, SaysHowToBeLetIn) {
  EXPECT_EQ(explain_no_engine(k_looked_for, failure(FailureKind::permission_denied)),
            "you may not use the Docker engine at `unix:///var/run/docker.sock`: join its group "
            "(`sudo usermod -aG docker $USER`, then log in again), use a rootless engine, or run "
            "jobs as processes of this machine: `--executor shell`");
}

TEST(DockerExplainNoEngine, SaysWhichEngineWouldBeNewEnough) {
  const Error error{.kind = Error::Kind::too_old, .text = "it speaks 1.30"};
  EXPECT_EQ(explain_no_engine(k_chosen, error),
            "the engine at `unix:///run/my.sock` is too old: it speaks 1.30; use Docker 20.10 or "
            "newer, or run jobs as processes of this machine: `--executor shell`");
}

TEST(DockerExplainNoEngine, TellsWhateverElseIsWrongInTheWordsThatThereAre) {
  const std::string rest =
      "its words; start it, correct the address, or run jobs as processes of this machine: "
      "`--executor shell`";
  for (const FailureKind kind : {FailureKind::cannot_connect, FailureKind::timed_out,
                                 FailureKind::closed, FailureKind::protocol})
    EXPECT_EQ(
        explain_no_engine(k_chosen, failure(kind)),
        "the Docker engine at `unix:///run/my.sock` (`DOCKER_HOST`) does not answer: " + rest);
  const Endpoint tcp{TcpAddress{"10.0.0.1", 2375, {}}, "context `ci`", {}, {}};
  EXPECT_EQ(explain_no_engine(tcp, refusal(500)),
            "the Docker engine at `tcp://10.0.0.1:2375` (context `ci`) does not answer: " + rest);
}

TEST(DockerExplainNoEngine, SaysWhichFilesTlsNeeds) {
  EXPECT_EQ(explain_no_engine(k_chosen, failure(FailureKind::tls)),
            "TLS with the Docker engine at `unix:///run/my.sock` (`DOCKER_HOST`) fails: its words; "
            "check ca.pem, cert.pem and key.pem, and that it speaks TLS at this port, or run jobs "
            "as processes of this machine: `--executor shell`");
}

// --- images ---

const ImageName k_hub = parse_image("python:3.99").value();
const ImageName k_own = parse_image("reg.example:5000/box:1").value();
const RegistryAuth k_nobody;
const RegistryAuth k_somebody{
    .header = "c2VjcmV0", .source = "`auths` of `/home/u/.docker/config.json`", .warning = {}};

std::string pull_problem(const Error& error, RegistryView view, const RegistryAuth& auth) {
  return explain_pull("reg.example:5000/box:1", k_own, auth, error, view);
}

TEST(DockerExplainPull, ThatBrokeOffCanBeTriedAgain) {
  EXPECT_EQ(pull_problem(refusal(200, "unexpected EOF"), RegistryView::not_asked, k_nobody),
            "the pull of image `reg.example:5000/box:1` broke off: unexpected EOF; run again, or "
            "look after registry `reg.example:5000` and the engine's disk");
}

TEST(DockerExplainPull, OfWhatTheRegistryHasNotMayBeMisspelt) {
  EXPECT_EQ(explain_pull("python:3.99", k_hub, k_nobody, refusal(404, "manifest unknown"),
                         RegistryView::fails),
            "image `python:3.99` not found in registry `docker.io`: is its name right, and its "
            "tag? (manifest unknown)");
}

TEST(DockerExplainPull, ThatNobodyMayMakeNeedsALogin) {
  EXPECT_EQ(pull_problem(refusal(500, "denied"), RegistryView::denies, k_nobody),
            "registry `reg.example:5000` does not let anybody read image `reg.example:5000/box:1`, "
            "or does not have it: check the name, or log in with `docker login reg.example:5000` "
            "(denied)");
  EXPECT_EQ(
      explain_pull("pyhton", k_hub, k_nobody, refusal(500, "denied"), RegistryView::denies),
      "registry `docker.io` does not let anybody read image `pyhton`, or does not have it: check "
      "the name, or log in with `docker login` (denied)");
}

TEST(DockerExplainPull, ThatTheseCredentialsMayNotMakeNamesThemWithoutTellingThem) {
  EXPECT_EQ(pull_problem(refusal(500, "unauthorized"), RegistryView::denies, k_somebody),
            "registry `reg.example:5000` refuses image `reg.example:5000/box:1` to the credentials "
            "of `auths` of `/home/u/.docker/config.json`: log in again with `docker login "
            "reg.example:5000` (unauthorized)");
}

TEST(DockerExplainPull, WithoutTheEngineIsNotTheRegistrysFault) {
  EXPECT_EQ(pull_problem(failure(FailureKind::closed), RegistryView::not_asked, k_nobody),
            "the engine was lost while it pulled image `reg.example:5000/box:1`: its words; "
            "run again when it is back");
}

TEST(DockerExplainPull, FromARegistryThatFailsSaysWhereToLook) {
  for (const RegistryAuth& auth : {k_nobody, k_somebody})
    EXPECT_EQ(
        pull_problem(refusal(500, "connection refused"), RegistryView::fails, auth),
        "image `reg.example:5000/box:1` cannot be pulled from registry `reg.example:5000`; is "
        "it up, and is the name right? (connection refused)");
}

TEST(DockerExplainImage, ThatTheEngineCannotLookForIsItsOwnAffair) {
  EXPECT_EQ(explain_inspect("box:1", failure(FailureKind::closed)),
            "the engine was lost while it looked for image `box:1`: its words; run again when it "
            "is back");
  EXPECT_EQ(explain_inspect("box:1", refusal(500)),
            "the engine cannot say whether it has image `box:1`; see its log (its words)");
}

TEST(DockerExplainPull, ThatWasForbiddenSaysByWhat) {
  EXPECT_EQ(explain_missing_image("box:1"),
            "the engine has no image `box:1`, and pull=\"never\" forbids to pull it; build or pull "
            "it first");
}

// --- containers ---

using Argv = std::vector<std::string>;

/// A job of image `box:1`.
class Job1 {
 public:
  explicit Job1(Command command) {
    Settings settings;
    settings.image = "box:1";
    settings.is_service = std::holds_alternative<std::monostate>(command);
    pipeline_.add_job("Test", std::move(command),
                      {.settings = settings, .depends_on = {}, .stage = {}});
  }
  operator const Job&() const { return pipeline_.jobs().front(); }  // NOLINT: a job with its owner

 private:
  Pipeline pipeline_;
};

TEST(DockerExplainCreate, TellsWhoIsToBlame) {
  const Job1 job("pytest");
  EXPECT_EQ(explain_create(job, failure(FailureKind::closed)),
            "the engine was lost before it made a container: its words; run again when it is back");
  EXPECT_EQ(explain_create(job, refusal(409)),
            "the name of its container is taken: its words; run again, for another name");
  EXPECT_EQ(explain_create(job, refusal(404)),
            "image `box:1` went away before its container was made: its words; run again, to have "
            "it pulled");
  EXPECT_EQ(explain_create(job, refusal(400)),
            "the engine refuses the container's settings; see the job's arguments (its words)");
  EXPECT_EQ(explain_create(job, refusal(500, "no space left on device")),
            "the engine cannot make a container; see whether its disk is full, and the job's "
            "arguments (no space left on device)");
}

std::string start_problem(Command command, const Unstarted& container) {
  return explain_start(Job1(std::move(command)), refusal(400), container);
}

TEST(DockerExplainStart, OfWhatTheImageHasNotNamesIt) {
  EXPECT_EQ(start_problem(Argv{"pytest", "-q"}, {127, "pytest"}),
            "command `pytest` not found in image `box:1`");
  EXPECT_EQ(start_problem("pytest -q", {127, "/bin/sh"}),
            "image `box:1` has no /bin/sh, which a command given as text needs; give it as a list: "
            "[\"program\", \"argument\"]");
}

TEST(DockerExplainStart, OfAnEntrypointThatTheImageHasNotNamesThat) {
  EXPECT_EQ(start_problem("pytest -q", {127, "/entry"}),
            "command `/entry` not found in image `box:1`");
  EXPECT_EQ(start_problem(Command(), {127, "/entry"}),
            "command `/entry` not found in image `box:1`");
}

TEST(DockerExplainStart, OfWhatIsNoProgramNamesIt) {
  EXPECT_EQ(start_problem(Argv{"./run.py"}, {126, "./run.py"}),
            "command `./run.py` of image `box:1` may not be executed: is it a program? try `chmod "
            "+x`");
  EXPECT_EQ(start_problem("pytest", {126, "/bin/sh"}),
            "command `/bin/sh` of image `box:1` may not be executed: is it a program? try `chmod "
            "+x`");
}

TEST(DockerExplainStart, DoesWithoutTheNameWhereTheEngineTellsNone) {
  EXPECT_EQ(start_problem("pytest", {127, ""}), "its command not found in image `box:1`");
  EXPECT_EQ(start_problem(Argv{"pytest"}, {126, ""}),
            "its command of image `box:1` may not be executed: is it a program? try `chmod +x`");
}

TEST(DockerExplainStart, TellsWhoElseIsToBlame) {
  const Job1 job("pytest");
  EXPECT_EQ(
      explain_start(job, failure(FailureKind::closed), {127, "/bin/sh"}),
      "the engine was lost before it started the container: its words; run again when it is back");
  EXPECT_EQ(explain_start(job, refusal(404), {}),
            "a network or a container that it names does not exist: its words; correct the name, "
            "or make it first");
  EXPECT_EQ(explain_start(job, refusal(500), {128, "/bin/sh"}),
            "the engine cannot start the container; see whether its disk is full, and the job's "
            "arguments: limits, devices; or the network that it lacks, which "
            "`network_mode=\"host\"` does without (its words)");
}

TEST(DockerExplainStart, TellsOfATakenPort) {
  for (const std::string words : {"Bind for 0.0.0.0:80 failed: port is already allocated",
                                  "listen tcp4 0.0.0.0:80: bind: address already in use"})
    EXPECT_EQ(explain_start(Job1("true"), refusal(500, words), {128, "/bin/sh"}),
              "a port of the engine's machine that the job asks for is taken: " + words +
                  "; name another one in `ports`, or stop who has it");
}

TEST(DockerExplainStart, TakesNoIpAddressForAPort) {
  const std::string told =
      explain_start(Job1("true"), refusal(500, "Address already in use"), {128, "/bin/sh"});
  EXPECT_EQ(told.find("a port"), std::string::npos) << told;
}

TEST(DockerExplain, ShowsNothingOfTheEnginesThatATerminalWouldObey) {
  const Error error = refusal(500, "no\x1b[2J\r\nway");
  const std::string told = explain_create(Job1("pytest"), error);
  EXPECT_EQ(told.find_first_of("\x1b\r\n"), std::string::npos) << told;
}

}  // namespace
}  // namespace jci::docker
