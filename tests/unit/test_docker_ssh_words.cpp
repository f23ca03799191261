// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>

#include "jci/executors/docker/ssh_words.hpp"

namespace jci::docker {

// For messages of tests.
std::ostream& operator<<(std::ostream& out, const SshProblem& problem) {
  return out << static_cast<int>(problem.kind) << ' ' << problem.words;
}

namespace {

using Kind = SshProblem::Kind;

const SshAddress k_build{.host = "build", .user = "me", .port = 2222};

TEST(SshLogin, NamesTheHostLastAndOnlyWhatTheAddressSays) {
  const auto full = login_arguments(k_build, "/d/control");
  EXPECT_EQ(std::vector(full.begin(), full.begin() + 3),
            (std::vector<std::string>{"ssh", "-S", "/d/control"}));
  EXPECT_EQ(std::vector(full.end() - 7, full.end()),
            (std::vector<std::string>{"-p", "2222", "-l", "me", "--", "build", "sh"}));
  const auto plain = login_arguments({.host = "build"}, "/d/control");
  EXPECT_EQ(std::vector(plain.end() - 5, plain.end()),
            (std::vector<std::string>{"-o", "LogLevel=INFO", "--", "build", "sh"}));
}

TEST(SshAnswer, IsFoundBehindWhateverALoginPrints) {
  const FarEngine found{FarEngine::Kind::found, "unix:///var/run/docker.sock"};
  EXPECT_EQ(answer_in("\njaypore-ci: found unix:///var/run/docker.sock\n"), found);
  EXPECT_EQ(answer_in("Welcome!\njaypore-ci: news\nmore\r\n\njaypore-ci: found "
                      "unix:///var/run/docker.sock\nrest"),
            found);
  EXPECT_EQ(answer_in("\njaypore-ci: denied /run/d.sock\n"),
            (FarEngine{FarEngine::Kind::denied, "/run/d.sock"}));
  EXPECT_EQ(answer_in("\njaypore-ci: none \n"), (FarEngine{FarEngine::Kind::none, ""}));
}

TEST(SshAnswer, IsNoneBeforeItsLineHasEnded) {
  for (const char* said :
       {"", "Welcome!\n", "\njaypore-ci: found", "\njaypore-ci: found unix:///d"})
    EXPECT_EQ(answer_in(said), std::nullopt) << said;
}

TEST(SshForward, GoesToSocketsAndPortsThatAreWhatTheySeem) {
  const auto target = [](const char* where) {
    return forward_target({FarEngine::Kind::found, where}).value_or("none");
  };
  EXPECT_EQ(target("unix:///run/user/1000/docker.sock"), "/run/user/1000/docker.sock");
  EXPECT_EQ(target("tcp://127.0.0.1:2375"), "127.0.0.1:2375");
  for (const char* where : {"", "unix://", "unix://relative", "unix:///a:b", "unix:///${HOME}/d",
                            "tcp://host", "tcp://host:1/a", "ssh://host", "npipe:////./pipe/d"})
    EXPECT_EQ(target(where), "none") << where;
}

TEST(SshProblem, IsToldByWhatOpenSshSays) {
  const std::pair<const char*, SshProblem> k_cases[] = {
      {"ssh: Could not resolve hostname build: Name or service not known\r\n",
       {Kind::unknown_host, "ssh: Could not resolve hostname build: Name or service not known"}},
      {"ssh: connect to host build port 2222: Connection refused\r\n",
       {Kind::unreachable, "ssh: connect to host build port 2222: Connection refused"}},
      {"Connection timed out during banner exchange\r\nConnection to 10.0.0.1 port 22 timed "
       "out\r\n",
       {Kind::unreachable, "Connection timed out during banner exchange"}},
      {"ssh: Could not resolve hostname jump: Name or service not known\r\n"
       "kex_exchange_identification: Connection closed by remote host\r\n"
       "Connection closed by UNKNOWN port 65535\r\n",
       {Kind::unknown_host, "ssh: Could not resolve hostname jump: Name or service not known"}},
      {"kex_exchange_identification: read: Connection reset by peer\r\n"
       "Connection reset by 10.0.0.1 port 22\r\n",
       {Kind::dropped, "kex_exchange_identification: read: Connection reset by peer"}},
      {"Connection to 10.0.0.1 closed by remote host.\r\n",
       {Kind::dropped, "Connection to 10.0.0.1 closed by remote host"}},
      {"@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n"
       "Host key for build has changed and you have requested strict checking.\r\n"
       "Host key verification failed.\r\n",
       {Kind::host_key_changed,
        "Host key for build has changed and you have requested strict checking"}},
      {"No ED25519 host key is known for build and you have requested strict checking.\r\n"
       "Host key verification failed.\r\n",
       {Kind::host_key_unknown,
        "No ED25519 host key is known for build and you have requested strict checking"}},
      {"Host key verification failed.\r\n",
       {Kind::host_key_unknown, "Host key verification failed"}},
      {"Welcome to build\nme@build: Permission denied (publickey,password).\r\n",
       {Kind::denied, "me@build: Permission denied (publickey,password)"}},
      {"channel 3: open failed: administratively prohibited: open failed\r\n",
       {Kind::not_forwarded, "channel 3: open failed: administratively prohibited: open failed"}},
      {"channel 2: open failed: connect failed: open failed\r\n",
       {Kind::not_forwarded, "channel 2: open failed: connect failed: open failed"}},
      {"Bad owner or permissions on /home/me/.ssh/config\r\n",
       {Kind::other, "Bad owner or permissions on /home/me/.ssh/config"}},
      {"", {Kind::other, ""}},
  };
  for (const auto& [errors, problem] : k_cases) EXPECT_EQ(problem_in(errors), problem) << errors;
}

TEST(SshProblem, MayPassUnlessItIsBetweenTheUserAndTheHost) {
  for (const Kind hopeless :
       {Kind::no_ssh, Kind::host_key_changed, Kind::host_key_unknown, Kind::denied})
    EXPECT_FALSE(may_pass(hopeless, true));
  for (const Kind away : {Kind::unknown_host, Kind::unreachable, Kind::silent, Kind::no_engine}) {
    EXPECT_FALSE(may_pass(away, false));
    EXPECT_TRUE(may_pass(away, true));
  }
  EXPECT_TRUE(may_pass(Kind::dropped, false));
}

TEST(SshExplain, NamesTheHostWhatHappenedAndWhatToDo) {
  const auto explain = [](Kind kind, std::string words) {
    const std::string all = explain_ssh(k_build, "`DOCKER_HOST`", {kind, std::move(words)});
    const std::string begin =
        "cannot reach the engine at `ssh://me@build:2222` (`DOCKER_HOST`) through ssh: ";
    const std::string end = ", or run jobs as processes of this machine: `--executor shell`";
    EXPECT_TRUE(all.starts_with(begin) && all.ends_with(end)) << all;
    return all.substr(begin.size(), all.size() - begin.size() - end.size());
  };
  EXPECT_EQ(explain(Kind::no_ssh, ""),
            "there is no `ssh` on PATH; install it (Debian: openssh-client)");
  EXPECT_EQ(explain(Kind::unknown_host, "W"), "W; correct the name, or put it into ~/.ssh/config");
  EXPECT_EQ(explain(Kind::unreachable, "W"), "W; is it up, and does `ssh -p 2222 me@build` work?");
  EXPECT_EQ(
      explain(Kind::host_key_changed, "W"),
      "W: it is another machine than before, was installed anew, or somebody is in between; "
      "find out which, then take the new key with `ssh-keygen -R` and `ssh -p 2222 me@build`");
  EXPECT_EQ(explain(Kind::host_key_unknown, "W"),
            "W; log in once with `ssh -p 2222 me@build` to see its key and take it");
  EXPECT_EQ(explain(Kind::denied, "W"),
            "W; nobody is asked for a password here: let a key in with `ssh-copy-id`, and load it "
            "with `ssh-add` if it has a passphrase, until `ssh -p 2222 me@build` asks for nothing");
  EXPECT_EQ(explain(Kind::silent, ""),
            "it does not answer; does `ssh -p 2222 me@build true` work, and does it ask for "
            "nothing?");
  EXPECT_EQ(explain(Kind::no_engine, ""),
            "you are let in, but there is no engine's socket where one is looked for; start an "
            "engine there, or name its socket: ssh://build/path/to/socket");
  EXPECT_EQ(explain(Kind::no_engine, "/run/d.sock"),
            "you are let in, but there is no socket at `/run/d.sock`; start an engine there, or "
            "name its socket: ssh://build/path/to/socket");
  EXPECT_EQ(explain(Kind::engine_denied, "/run/d.sock"),
            "you are let in, but may not use the engine's socket `/run/d.sock` there: join its "
            "group (`sudo usermod -aG docker $USER` there), or use a rootless engine");
  EXPECT_EQ(explain(Kind::engine_elsewhere, "ssh://x"),
            "the engine that is used there is `ssh://x`, which cannot be forwarded; name a socket: "
            "ssh://build/path/to/socket");
  EXPECT_EQ(
      explain(Kind::not_forwarded, "W"),
      "you are let in, but not to the engine's socket (W); start the engine there, or let its "
      "sshd forward: AllowStreamLocalForwarding yes");
  EXPECT_EQ(explain(Kind::other, ""), "`ssh` ended without a word");
  EXPECT_EQ(explain(Kind::other, "W"), "W; does `ssh -p 2222 me@build` work?");
}

}  // namespace
}  // namespace jci::docker
