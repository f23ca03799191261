// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "jci/core/errors.hpp"
#include "jci/executors/supervisor.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/side_process.hpp"
#include "shell_fixture.hpp"

namespace jci {
namespace {

using std::string_literals::operator""s;

/// A killed process may take a moment to end.
bool dies(pid_t pid) {
  constexpr int most_ms = 10'000;
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return errno == ESRCH;
  pollfd ended{.fd = process.get(), .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, most_ms) == 1;
}

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

INSTANTIATE_TEST_SUITE_P(, Shell, testing::Bool(), name_of_way);

TEST_P(Shell, TellsOutputAndErrorsApart) {
  const ShellTrace& job = harness.run("echo to out; echo to err >&2; printf more"s);
  EXPECT_EQ(job.out, "to out\nmore");
  EXPECT_EQ(job.err, "to err\n");
  EXPECT_EQ(job.result->outcome, Outcome(Exited{0}));
}

TEST_P(Shell, TellsTheExitCode) {
  EXPECT_EQ(harness.run("exit 37"s).result->outcome, Outcome(Exited{37}));
}

TEST_P(Shell, TellsTheSignalThatKilledAJob) {
  EXPECT_EQ(harness.run("kill -SEGV $$"s).result->outcome, Outcome(Signaled{SIGSEGV}));
}

TEST_P(Shell, NamesAJobByItsMainProcess) {
  const ShellTrace& job = harness.run("echo $$"s);
  EXPECT_EQ(job.run_id + "\n", job.out);
}

TEST_P(Shell, RunsAJobInTheWorkspace) {
  write_file(harness.workspace() / "a file", "content");
  const std::string here = harness.workspace().native();
  EXPECT_EQ(harness.run("pwd; echo $PWD $JAYPORE_RUN; cat 'a file'"s).out,
            here + "\n" + here + " " + here + "\ncontent");
}

TEST_P(Shell, PassesAListAsItIs) {
  EXPECT_EQ(harness.run(Argv{"printf", "<%s>", "two words", "", "$HOME", "*"}).out,
            "<two words><><$HOME><*>");
}

TEST_P(Shell, SearchesAListsFirstWordInTheJobsOwnPath) {
  std::filesystem::create_directory(harness.workspace() / "tools");
  write_file(harness.workspace() / "tools/greet", "#!/bin/sh\necho hello\n", true);
  Settings settings;
  settings.env["PATH"] = "/nowhere:" + (harness.workspace() / "tools").native();
  EXPECT_EQ(harness.run(Argv{"greet"}, settings).out, "hello\n");
}

TEST_P(Shell, GivesAJobNothingToReadAndNoTerminal) {
  EXPECT_EQ(harness.run("cat; tty; (: < /dev/tty) 2>/dev/null || echo none"s).out,
            "not a tty\nnone\n");
}

TEST_P(Shell, StartsAJobWithDefaultSignals) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);  // as Python does
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP})
    EXPECT_EQ(harness.run("kill -" + std::to_string(signal) + " $$").result->outcome,
              Outcome(Signaled{signal}));
  std::signal(SIGPIPE, before);
}

TEST_P(Shell, GivesAJobNoDescriptorButTheThreeStandardOnes) {
  const int inherited = ::dup(STDERR_FILENO);  // survives exec, as the Workspace's lock does
  const Fd owner(inherited);
  EXPECT_EQ(harness.run(Argv{"ls", "/proc/self/fd"}).out, "0\n1\n2\n3\n");  // 3: what ls reads
}

TEST_P(Shell, LetsShSayThatACommandIsMissing) {
  const ShellTrace& job = harness.run("no-such-command-here"s);
  EXPECT_EQ(job.result->outcome, Outcome(Exited{127}));
  EXPECT_THAT(job.err, testing::HasSubstr("no-such-command-here: not found"));
}

TEST_P(Shell, SaysWhyAListCannotBeStarted) {
  write_file(harness.workspace() / "plain", "#!/bin/sh\n");
  write_file(harness.workspace() / "orphan", "#!/no/such/interpreter\n", true);
  write_file(harness.workspace() / "data", "neither", true);
  const auto reason = [this](Argv command) {
    const auto outcome = harness.run(std::move(command)).result->outcome;
    return std::get<CouldNotStart>(outcome).reason;
  };
  EXPECT_EQ(reason({"no-such-command-here"}),
            "command `no-such-command-here` not found in its PATH: install it, or give its path");
  EXPECT_EQ(reason({"./plain"}),
            "command `./plain` may not be executed: is it a program? try `chmod +x`");
  EXPECT_EQ(reason({"./orphan"}),
            "command `./orphan` not found: it does not exist, or the interpreter its first line "
            "names does not");
  EXPECT_EQ(reason({"./data"}),
            "command `./data` is no program: a script begins with a line such as `#!/bin/sh`");
  EXPECT_EQ(reason({"echo", std::string(3 << 20, 'x')}),
            "command `echo`: its arguments and environment are too long for this system");
}

TEST_P(Shell, SaysThatTheWorkspaceIsGone) {
  harness.run("true"s);
  std::filesystem::remove_all(harness.workspace());
  const auto outcome = harness.run("true"s).result->outcome;
  EXPECT_EQ(outcome,
            Outcome(CouldNotStart{"cannot enter its working directory `" +
                                  harness.workspace().native() + "`: No such file or directory"}));
}

TEST_P(Shell, DeliversBytesAsTheyAre) {
  EXPECT_EQ(harness.run(R"(printf '\000\377\033[31m\r\n\200')"s).out, "\0\377\033[31m\r\n\200"s);
}

TEST_P(Shell, DeliversAllOfALargeOutputWithoutNewline) {
  ShellTrace& job = harness.add("head -c 100000000 /dev/zero; head -c 1000000 /dev/zero >&2"s);
  std::size_t most_at_once = 0;
  std::size_t total = 0;
  job.on_output = [&] {
    most_at_once = std::max({most_at_once, job.out.size(), job.err.size()});
    total += job.out.size() + job.err.size();
    job.out.clear();
    job.err.clear();
  };
  harness.run();
  EXPECT_EQ(total, 101'000'000U);
  EXPECT_LE(most_at_once, 256U * 1024U);
}

TEST_P(Shell, ReadsWhatAJobReports) {
  const ShellTrace& job = harness.run("echo 42 tests > job0.txt"s);
  EXPECT_EQ(job.result->report, "42 tests\n");
  EXPECT_EQ(harness.run("true"s).result->report, "");
  EXPECT_EQ(harness.run("head -c 1000 /dev/zero | tr '\\0' x > job2.txt"s).result->report,
            std::string(k_report_bytes, 'x'));
}

TEST_P(Shell, ReadsNoReportThroughALink) {
  EXPECT_EQ(harness.run("ln -s /etc/passwd job0.txt"s).result->report, "");
}

TEST_P(Shell, HasAServiceUpOnceItsProcessRuns) {
  Settings settings;
  settings.is_service = true;
  ShellTrace& service = harness.add("echo up; exec sleep 1000"s, settings);
  service.on_output = [&] { service.stop.raise(StopLevel::stop); };
  harness.run();
  EXPECT_TRUE(service.is_ready);
  EXPECT_EQ(service.result->outcome, Outcome(Cancelled{}));
  EXPECT_FALSE(harness.run("true"s).is_ready);
}

TEST_P(Shell, LetsAJobCleanUpWhenItIsStopped) {
  harness.context().grace = std::chrono::minutes(5);
  // sh dies of the signal at once; what it waits for has its time nevertheless.
  ShellTrace& job = harness.add(
      "sh -c 'trap \"sleep 0.1; echo bye; exit\" TERM; echo up; while :; do sleep 0.01; done'; true"s);
  job.on_output = [&] { job.stop.raise(StopLevel::stop); };
  harness.run();
  EXPECT_EQ(job.out, "up\nbye\n");
  EXPECT_EQ(job.result->outcome, Outcome(Cancelled{}));
}

TEST_P(Shell, KillsAJobThatIgnoresTheRequestToStop) {
  harness.context().grace = std::chrono::milliseconds(1);
  ShellTrace& job = harness.add("trap '' TERM; echo $$; while :; do sleep 1; done"s);
  job.on_output = [&] { job.stop.raise(StopLevel::stop); };
  harness.run();
  EXPECT_EQ(job.result->outcome, Outcome(Cancelled{}));
  EXPECT_TRUE(is_gone(pids_in(job.out).at(0)));
}

TEST_P(Shell, KillsAtOnceWhenToldSo) {
  harness.context().grace = std::chrono::hours(1);
  ShellTrace& job = harness.add("trap '' TERM; echo $$; while :; do sleep 1; done"s);
  job.on_output = [&] {
    job.stop.raise(StopLevel::stop);
    job.stop.raise(StopLevel::kill);
  };
  harness.run();
  EXPECT_EQ(job.result->outcome, Outcome(Cancelled{}));
}

TEST_P(Shell, DoesNotStartAJobThatIsToStop) {
  ShellTrace& job = harness.add("echo ran"s);
  job.stop.raise(StopLevel::stop);
  harness.run();
  EXPECT_EQ(job.result->outcome, Outcome(Cancelled{}));
  EXPECT_EQ(job.run_id, "");
}

// Prints the pid of a daemon that has left its session, closed its output and, with `env -i`, forgotten all variables.
std::string daemonize(const std::string& env = "") {
  return "setsid sh -c 'setsid " + env +
         " sh -c \"echo \\$\\$; exec sleep 1000 >/dev/null 2>&1\" &' ";
}

TEST_P(Shell, LeavesNoDaemonBehind) {
  for (const auto& env : {"", "env -i"}) {
    const ShellTrace& job = harness.run("a=$(" + daemonize(env) + "); echo $a"s);
    EXPECT_EQ(job.result->outcome, Outcome(Exited{0}));
    ASSERT_EQ(pids_in(job.out).size(), 1U) << job.out;
    EXPECT_TRUE(is_gone(pids_in(job.out)[0]));
  }
}

TEST_P(Shell, KeepsADaemonWhileItsJobRuns) {
  const ShellTrace& job = harness.add("daemon=$(" + daemonize("env -i") + ")\n" + R"(
      until [ -s other ]; do sleep 0.01; done
      while kill -0 $(cat other) 2>/dev/null; do sleep 0.01; done  # until what the other job left is killed
      kill -0 $daemon && echo alive)");
  harness.add("sleep 1000 & echo $! > other"s);
  harness.run();
  EXPECT_EQ(job.out, "alive\n");
}

TEST_P(Shell, StopsDaemonsWithTheirJob) {
  harness.context().grace = std::chrono::milliseconds(1);
  ShellTrace& job = harness.add(daemonize("env -i") + "| cat; wait; sleep 1000");
  job.on_output = [&] { job.stop.raise(StopLevel::stop); };
  harness.run();
  ASSERT_EQ(pids_in(job.out).size(), 1U) << job.out;
  EXPECT_TRUE(is_gone(pids_in(job.out)[0]));
}

TEST_P(Shell, EndsAJobWhoseBackgroundProcessHoldsItsOutput) {
  const ShellTrace& job = harness.run("sleep 1000 & echo $!"s);
  EXPECT_EQ(job.result->outcome, Outcome(Exited{0}));
  EXPECT_TRUE(is_gone(pids_in(job.out).at(0)));
}

TEST_P(Shell, LeavesNeitherProcessesNorDescriptorsBehind) {
  harness.run("true"s);  // what stays open for the whole run is open now
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 2000; ++i) harness.add("echo "s + std::to_string(i));
  harness.run(64);
  EXPECT_EQ(open_descriptors(), before);
  const ShellTrace& last = harness.run(
      "cat /proc/$PPID/task/$PPID/children; echo; ls /proc/$PPID/fd | wc -l; echo $PPID"s);
  const auto facts = pids_in(last.out);
  ASSERT_EQ(facts.size(), 3U) << last.out;
  EXPECT_EQ(facts[0], std::stoi(last.run_id));  // the supervisor's only child
  EXPECT_LE(facts[1], 20);                      // its open descriptors
  harness.close();
  EXPECT_TRUE(is_gone(facts[2]));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // and no child is left to be reaped
}

TEST_P(Shell, LosesItsJobsButNotTheRunWhenTheSupervisorIsKilled) {
  ShellTrace& job = harness.add("sleep 1000 & echo $PPID $$ $!; wait"s);
  job.on_output = [&] { ::kill(pids_in(job.out).at(0), SIGKILL); };
  harness.run();
  const auto pids = pids_in(job.out);
  ASSERT_EQ(pids.size(), 3U) << job.out;
  EXPECT_TRUE(dies(pids[2]));
  EXPECT_EQ(job.result->outcome, Outcome(Lost{"`jci-supervise`, which ran the job, was killed"}));
  EXPECT_EQ(harness.run("true"s).result->outcome,
            Outcome(Lost{"`jci-supervise`, which runs the jobs, is gone"}));
}

// Runs an engine with a job that is hard to kill, and tells `ends` the pids of supervisor, main process, daemon and of a fork of the
// engine, which holds copies of all its descriptors.
[[noreturn]] void be_an_engine(bool bubblewrap, int told) {
  ShellHarness harness({.bubblewrap = bubblewrap});
  ShellTrace& job =
      harness.add("trap '' TERM; echo $PPID $$; " + daemonize("env -i") + "| cat; sleep 1000");
  job.on_output = [&] {
    if (std::ranges::count(job.out, '\n') < 2) return;
    const pid_t fork = ::fork();
    if (fork == 0) ::pause();
    job.out += std::to_string(fork);
    std::ignore = ::write(told, job.out.data(), job.out.size());
  };
  harness.run();
  ::_exit(1);
}

TEST_P(Shell, LeavesNothingWhenTheEngineIsKilled) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd told(ends[0]);
  const Fd telling(ends[1]);
  const pid_t engine = ::fork();
  if (engine == 0) be_an_engine(GetParam(), telling.get());
  std::array<char, 100> text{};
  ASSERT_GT(::read(told.get(), text.data(), text.size() - 1), 0);
  auto pids = pids_in(text.data());
  ASSERT_EQ(pids.size(), 4U) << text.data();
  const pid_t fork = pids.back();
  pids.pop_back();

  std::vector<Fd> lives;
  for (const pid_t pid : pids)
    lives.emplace_back(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  ::kill(engine, SIGKILL);
  for (const Fd& life : lives) {
    pollfd end{life.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&end, 1, 20'000), 1);
  }
  ::kill(fork, SIGKILL);
  ::waitpid(engine, nullptr, 0);
}

TEST(ShellOptions, ShowTheWorkspaceInItsFamousPlaceUnderBubblewrap) {
  if (!bubblewrap_works()) GTEST_SKIP() << "bubblewrap does not work here";
  ShellHarness harness;
  EXPECT_EQ(harness.run("echo x > here; cat /jaypore_ci/run/here; id -u"s).out,
            "x\n" + std::to_string(::getuid()) + "\n");
  EXPECT_FALSE(std::filesystem::exists("/jaypore_ci"));
}

// The parents of a job are the supervisor and, where there is one, bubblewrap.
constexpr const char* k_tell_parents = "echo $PPID; cut -d' ' -f4 /proc/$PPID/stat";

TEST(ShellAhead, RunsJobsBelowASupervisorThatWaitsAlready) {
  ShellHarness harness;
  auto ahead = start_shell_ahead(harness.workspace(), ::getpid());
  ASSERT_TRUE(ahead);
  const pid_t process = ahead->process();
  harness.context().supervisor = std::make_shared<StartedSupervisor>(std::move(*ahead));
  EXPECT_THAT(pids_in(harness.run(std::string(k_tell_parents)).out), testing::Contains(process));
  harness.close();
  EXPECT_EQ(::waitpid(process, nullptr, WNOHANG), -1) << "reaped before";
}

TEST(ShellAhead, StartsAnotherOneWhereThatHasDied) {
  ShellHarness harness;
  auto ahead = start_shell_ahead(harness.workspace(), ::getpid());
  ASSERT_TRUE(ahead);
  const pid_t process = ahead->process();
  ::kill(process, SIGKILL);
  harness.context().supervisor = std::make_shared<StartedSupervisor>(std::move(*ahead));
  const ShellTrace& job = harness.run(std::string(k_tell_parents));
  EXPECT_EQ(job.result->outcome, Outcome(Exited{0}));
  EXPECT_THAT(pids_in(job.out), testing::Not(testing::Contains(process)));
}

TEST(ShellAhead, EndsWhereNobodyUsesIt) {
  TemporaryDirectory workspace;
  auto ahead = start_shell_ahead(workspace.path(), ::getpid());
  ASSERT_TRUE(ahead);
  const pid_t process = ahead->process();
  ahead.reset();
  reap_left();
  EXPECT_EQ(::waitpid(process, nullptr, WNOHANG), -1) << "reaped before";
}

TEST(ShellOptions, SayWhichSupervisorCannotBeStarted) {
  ShellHarness harness({.supervisor = "/no/such/program"});
  EXPECT_THAT([&] { harness.run("true"s); }, testing::ThrowsMessage<TriggerFailed>(
                                                 "executors.Shell cannot run jobs: cannot start "
                                                 "`/no/such/program`: No such file or directory"));
}

TEST(ShellCheck, RefusesAServiceWithoutCommand) {
  ShellHarness harness;
  Settings settings;
  settings.is_service = true;
  const ShellTrace& service = harness.add({}, settings);
  EXPECT_THAT([&] { harness.shell().check(service.job); },
              testing::ThrowsMessage<BadConfig>(
                  "service `job0` needs a command: executors.Shell has no images"));
}

}  // namespace
}  // namespace jci
