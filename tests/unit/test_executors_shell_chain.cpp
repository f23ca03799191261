// SPDX-License-Identifier: MIT
// Jobs of executors.Shell that are started by the supervisor itself, as the engine has promised them.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "jci/util/module.hpp"
#include "shell_fixture.hpp"

namespace jci {
namespace {

using std::string_literals::operator""s;

/// Jobs of which each is promised to follow the one before.
class ShellChain : public Shell {
 protected:
  void SetUp() override {
    Shell::SetUp();
    harness.context().promise_next = [this](const Job& job) {
      return job.id + 1 < chain.size() ? &chain[job.id + 1]->job : nullptr;
    };
  }
  ShellTrace& add(Command command) {
    chain.push_back(&harness.add(std::move(command)));
    return *chain.back();
  }
  void run() { harness.run(1); }
  bool exists(const char* name) { return std::filesystem::exists(harness.workspace() / name); }
  bool appears(const char* name) {
    for (int tries = 0; tries < 2000 && !exists(name); ++tries) ::poll(nullptr, 0, 5);
    return exists(name);
  }

  std::vector<ShellTrace*> chain;
};

INSTANTIATE_TEST_SUITE_P(, ShellChain, testing::Bool(), name_of_way);

TEST_P(ShellChain, StartsTheNextJobWhenTheOneBeforeHasPassed) {
  add("sleep 0.05; echo first > file; echo said; echo erred >&2"s);
  const ShellTrace& second = add("cat file; echo $$; echo second > file"s);
  const ShellTrace& third = add("cat file"s);
  run();
  EXPECT_EQ(chain[0]->out, "said\n");
  EXPECT_EQ(chain[0]->err, "erred\n");
  EXPECT_EQ(second.out, "first\n" + second.run_id + "\n");
  EXPECT_EQ(third.out, "second\n");
  EXPECT_EQ(third.result->outcome, Outcome(Exited{0}));
}

TEST_P(ShellChain, DoesNotWaitForTheEngine) {
  add("sleep 0.05"s);
  add("true"s);
  add("echo > ran"s);
  // This thread, which is the engine's, does nothing but look for traces of the last one.
  bool ran_by_itself = false;
  chain[0]->on_started = [&] { ran_by_itself = appears("ran"); };
  run();
  EXPECT_TRUE(ran_by_itself);
}

TEST_P(ShellChain, CannotStopAJobOnceTheNextHasStarted) {
  add("sleep 0.05"s);
  add("echo > ran; sleep 1000"s);
  chain[0]->on_started = [&] {
    ASSERT_TRUE(appears("ran"));
    for (ShellTrace* job : chain) job->stop.raise(StopLevel::stop);
  };
  run();
  EXPECT_EQ(chain[0]->result->outcome, Outcome(Exited{0}));
  EXPECT_EQ(chain[1]->result->outcome, Outcome(Cancelled{}));
}

TEST_P(ShellChain, DropsTheNextJobAfterOneThatDidNotPass) {
  ShellTrace next;  // which nobody ever asks for
  next.job = {.id = 1000,
              .stage = 0,
              .name = "next",
              .command = "echo > ran"s,
              .depends_on = {},
              .settings = std::make_shared<const Settings>()};
  ShellTrace after_next;
  after_next.job = next.job;
  after_next.job.id = 1001;
  harness.context().grace = std::chrono::minutes(5);
  harness.context().promise_next = [&](const Job& job) { return job.id < 2 ? &next.job : nullptr; };
  EXPECT_EQ(harness.run("exit 3"s).result->outcome, Outcome(Exited{3}));
  ShellTrace& stopped = harness.add("trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done"s);
  stopped.on_output = [&] { stopped.stop.raise(StopLevel::stop); };
  harness.run();
  EXPECT_EQ(stopped.result->outcome, Outcome(Cancelled{}));
  // The processes that waited were killed, which may take a moment.
  const ShellTrace& last = harness.run(
      "for i in $(seq 1000); do set -- $(cat /proc/$PPID/task/$PPID/children); [ $# = 1 ] && break; sleep 0.01; done; echo $*"s);
  EXPECT_EQ(pids_in(last.out), std::vector{std::stoi(last.run_id)});
  EXPECT_FALSE(exists("ran"));
}

TEST_P(ShellChain, ReadsAReportBeforeTheNextJobCouldChangeIt) {
  add("echo 42 tests > job0.txt"s);
  add("rm job0.txt; echo 43 > job1.txt"s);
  run();
  EXPECT_EQ(chain[0]->result->report, "42 tests\n");
  EXPECT_EQ(chain[1]->result->report, "43\n");
}

TEST_P(ShellChain, SaysWhyTheNextJobCannotBeStarted) {
  add("true"s);
  add(Argv{"no-such-command-here"});
  run();
  EXPECT_EQ(chain[1]->result->outcome,
            Outcome(CouldNotStart{"command `no-such-command-here` not found in its PATH: install "
                                  "it, or give its path"}));
}

TEST_P(ShellChain, SaysThatTheWorkspaceIsGone) {
  add("rmdir " + harness.workspace().string());
  for (int i = 0; i < 5; ++i) add("true"s);  // the processes of the first two may be there already
  run();
  EXPECT_EQ(chain.back()->result->outcome,
            Outcome(CouldNotStart{"cannot enter its working directory `" +
                                  harness.workspace().native() + "`: No such file or directory"}));
}

TEST_P(ShellChain, KillsLeftoversBeforeTheNextJobStarts) {
  add("sleep 1000 & echo $! > daemon"s);
  const ShellTrace& second = add("kill -0 $(cat daemon) 2>/dev/null || echo gone"s);
  run();
  EXPECT_EQ(second.out, "gone\n");
}

TEST_P(ShellChain, WaitsForItsTurnThoughSomebodyContinuesIt) {
  const auto continues_others =
      "for p in $(cat /proc/$PPID/task/$PPID/children); do kill -CONT $p; done; sleep 0.05; ls"s;
  const ShellTrace& before_text = add(continues_others);
  const ShellTrace& before_list = add("echo > text; " + continues_others);
  add(Argv{"touch", "list"});
  run();
  EXPECT_EQ(before_text.out, "");
  EXPECT_EQ(before_list.out, "text\n");
  EXPECT_TRUE(exists("list"));
}

// Every call of ptrace(2) in this process and those it starts from now on is answered with this (see seccomp(2)).
void answer_ptrace_with(std::uint32_t answer) {
  std::array<sock_filter, 4> filter{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, answer),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{filter.size(), filter.data()};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/// Whether a job that is promised to follow another one does so.
bool runs_in_turn(bool bubblewrap) {
  // LeakSanitizer, where we are built with it, calls ptrace(2) as well, and waits forever where that kills.
  const TemporaryDirectory directory;
  write_file(directory.path() / "supervise",
             "#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec " +
                 (package_directory() / "jci-supervise").string() + " \"$@\"\n",
             true);
  ShellHarness harness({.bubblewrap = bubblewrap, .supervisor = directory.path() / "supervise"});
  const ShellTrace& first = harness.add("sleep 0.05; ls"s);
  const ShellTrace& next = harness.add("echo > ran; ls"s);
  harness.context().promise_next = [&](const Job& job) {
    return &job == &first.job ? &next.job : nullptr;
  };
  harness.run(1);
  return first.out.empty() && next.out == "ran\n";
}

TEST_P(ShellChain, NeedsNoLeaveToTraceProcesses) {
  for (const std::uint32_t answer : {SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_KILL_PROCESS}) {
    const pid_t process = ::fork();
    if (process == 0) {
      answer_ptrace_with(answer);
      ::_exit(runs_in_turn(GetParam()) ? 0 : 1);
    }
    int status = -1;
    ::waitpid(process, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

TEST_P(ShellChain, StartsAJobThoughSomebodyEndedTheProcessThatWaitedForIt) {
  // The supervisor's children are this job and those that wait: the next one, and the one behind that.
  const auto ends_others = [](const std::string& signal) {
    return "for p in $(cat /proc/$PPID/task/$PPID/children); do [ $p = $$ ] || { kill -" + signal +
           " $p; echo $p; }; done; sleep 0.05";
  };
  add(ends_others("TERM"));
  add(ends_others("KILL"));
  add("echo > ran"s);
  run();
  if (chain[0]->out.empty()) GTEST_SKIP() << "on this kind of processor no process waits";
  for (const ShellTrace* job : chain) EXPECT_EQ(job->result->outcome, Outcome(Exited{0}));
  EXPECT_TRUE(exists("ran"));
}

TEST_P(ShellChain, IsLostWithTheSupervisor) {
  add("kill -9 $PPID"s);
  add("echo > ran"s);
  run();
  EXPECT_TRUE(std::holds_alternative<Lost>(chain[0]->result->outcome));
  EXPECT_TRUE(std::holds_alternative<Lost>(chain[1]->result->outcome));
  EXPECT_FALSE(exists("ran"));
}

TEST_P(ShellChain, LeavesNeitherProcessesNorDescriptorsBehind) {
  harness.run("true"s);
  chain.push_back(nullptr);  // that was job 0
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 500; ++i) add("echo "s + std::to_string(i));
  run();
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(chain.back()->out, "499\n");
  const ShellTrace& last =
      harness.run("cat /proc/$PPID/task/$PPID/children; echo; ls /proc/$PPID/fd | wc -l"s);
  const auto facts = pids_in(last.out);
  ASSERT_EQ(facts.size(), 2U) << last.out;
  EXPECT_EQ(facts[0], std::stoi(last.run_id));
  EXPECT_LE(facts[1], 20);
}

}  // namespace
}  // namespace jci
