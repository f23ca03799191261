// SPDX-License-Identifier: MIT
#include "jci/util/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <string_view>
#include <system_error>
#include <utility>

#include "jci/util/assert.hpp"
#include "jci/util/exec_words.hpp"
#include "jci/util/fd.hpp"

namespace jci {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(int error, const std::string& program) {
  throw std::system_error(error, std::generic_category(), "`" + program + "`");
}

// A pipe whose ends close themselves.
class Pipe {
 public:
  explicit Pipe(const std::string& program) {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) fail(errno, program);
  }
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

struct Spawning {
  int input;
  int output;
  int errors = STDERR_FILENO;
  bool own_group = false;
  const sigset_t* restored_signals = nullptr;  // that the program does not ignore though we do
};

// Signals that do not end this process while the object lives. One that was ignored before stays so for whoever we start, as nohup(1) wants.
class IgnoredSignals {
 public:
  IgnoredSignals(std::initializer_list<int> signals) {
    ::sigemptyset(&ours_);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    for (const int signal : signals) {
      struct sigaction before{};
      ::sigaction(signal, &ignore, &before);
      if (before.sa_handler != SIG_IGN) ::sigaddset(&ours_, signal);
      before_.emplace_back(signal, before);
    }
  }
  ~IgnoredSignals() {
    for (const auto& [signal, before] : before_) ::sigaction(signal, &before, nullptr);
  }
  IgnoredSignals(const IgnoredSignals&) = delete;
  IgnoredSignals& operator=(const IgnoredSignals&) = delete;

  const sigset_t* ignored_by_us() const { return &ours_; }

 private:
  std::vector<std::pair<int, struct sigaction>> before_;
  sigset_t ours_;
};

pid_t spawn(const std::vector<std::string>& argv, char** variables, const Spawning& how) {
  const std::vector<char*> words = pointers_to(argv);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, how.input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, how.output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, how.errors, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  short flags = how.own_group ? POSIX_SPAWN_SETPGROUP : 0;
  if (how.restored_signals != nullptr) {
    posix_spawnattr_setsigdefault(&attributes, how.restored_signals);
    flags |= POSIX_SPAWN_SETSIGDEF;
  }
  posix_spawnattr_setflags(&attributes, flags);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, words[0], &actions, &attributes, words.data(), variables);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail(error, argv.front());
  return pid;
}

int left_until(Clock::time_point deadline) {
  return static_cast<int>(
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count());
}

// Reads to the end; false if the deadline came first.
bool read_all(int fd, std::string& into, Clock::time_point deadline) {
  std::array<char, 4096> buffer;
  for (;;) {
    const int left = left_until(deadline);
    if (left <= 0) return false;
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, left) <= 0) continue;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    into.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Hears what a program says on two pipes, until they are closed or it has ended: what it leaves in the background may hold them.
class Listener {
 public:
  Listener(pid_t pid, int output, int errors)
      : end_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
        polled_{{{output, POLLIN, 0}, {errors, POLLIN, 0}, {end_.get(), POLLIN, 0}}} {
    for (const int fd : {output, errors}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  }

  // False if nothing was said for that long.
  bool hear(Spoken& spoken, std::chrono::milliseconds silence) {
    auto deadline = Clock::now() + silence;
    while (polled_[0].fd >= 0 || polled_[1].fd >= 0) {
      const int left = left_until(deadline);
      if (left <= 0) return false;
      if (::poll(polled_.data(), polled_.size(), left) <= 0) continue;
      const bool ended = polled_[2].revents != 0;
      const bool said = take(polled_[0], spoken.output) | take(polled_[1], spoken.errors);
      if (said) deadline = Clock::now() + silence;
      if (ended && !said) return true;
    }
    return true;
  }

 private:
  // Whether there was anything; its pipe is forgotten once it is closed.
  static bool take(pollfd& pipe, std::string& into) {
    if (pipe.fd < 0) return false;
    std::array<char, 4096> buffer;
    const ssize_t got = ::read(pipe.fd, buffer.data(), buffer.size());
    if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0) pipe.fd = -1;
    return got > 0;
  }

  Fd end_;
  std::array<pollfd, 3> polled_;
};

// Asks `pid`, or its group, to end, which lets it tidy up; and sees to it.
void end(pid_t pid, bool group, Listener& listener) {
  constexpr std::chrono::milliseconds patience{2000};
  const pid_t whom = group ? -pid : pid;
  ::kill(whom, SIGTERM);
  Spoken ignored;
  listener.hear(ignored, patience);
  ::kill(whom, SIGKILL);
}

}  // namespace

int run_in_foreground(const std::vector<std::string>& argv) {
  const IgnoredSignals keyboard{SIGINT, SIGQUIT};
  return wait_for(spawn(argv, environ,
                        {.input = STDIN_FILENO,
                         .output = STDERR_FILENO,
                         .restored_signals = keyboard.ignored_by_us()}));
}

void become_program(const std::vector<std::string>& argv) {
  const std::vector<char*> words = pointers_to(argv);
  ::execvp(words[0], words.data());
  fail(errno, argv.front());
}

Finished run_subprocess(const std::vector<std::string>& argv, std::chrono::milliseconds deadline,
                        std::string_view input) {
  // A pipe takes this much although nobody reads it yet.
  JCI_ASSERT(input.size() <= 4096);
  Pipe told(argv.front()), pipe(argv.front());
  if (::write(told.writer(), input.data(), input.size()) != static_cast<ssize_t>(input.size()))
    fail(errno, argv.front());
  told.close_writer();
  const pid_t pid = spawn(argv, environ, {.input = told.reader(), .output = pipe.writer()});
  pipe.close_writer();
  Finished finished;
  const bool in_time = read_all(pipe.reader(), finished.output, Clock::now() + deadline);
  if (!in_time) ::kill(pid, SIGKILL);
  finished.exit_code = wait_for(pid);
  if (!in_time) fail(ETIMEDOUT, argv.front());
  return finished;
}

Spoken run_while_it_speaks(const std::vector<std::string>& argv,
                           const std::vector<std::string>& variables,
                           std::chrono::milliseconds silence, Prompts prompts) {
  const bool own_group = prompts == Prompts::no;
  const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing) fail(errno, argv.front());
  Pipe output(argv.front()), errors(argv.front());
  const auto environment = environment_with(variables);
  const pid_t pid = spawn(argv, pointers_to(environment).data(),
                          {.input = nothing.get(),
                           .output = output.writer(),
                           .errors = errors.writer(),
                           .own_group = own_group});
  output.close_writer();
  errors.close_writer();
  Listener listener(pid, output.reader(), errors.reader());
  Spoken spoken;
  const bool spoke = listener.hear(spoken, silence);
  if (!spoke) end(pid, own_group, listener);
  spoken.exit_code = wait_for(pid);
  if (!spoke) fail(ETIMEDOUT, argv.front());
  return spoken;
}

}  // namespace jci
