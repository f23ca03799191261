// SPDX-License-Identifier: MIT
#include "jci/util/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "jci/util/assert.hpp"

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

pid_t spawn(const std::vector<std::string>& argv, int input, int output) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail(error, argv.front());
  return pid;
}

// Reads to the end; false if the deadline came first.
bool read_all(int fd, std::string& into, Clock::time_point deadline) {
  std::array<char, 4096> buffer;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, static_cast<int>(left)) <= 0) continue;
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

}  // namespace

Finished run_subprocess(const std::vector<std::string>& argv, std::chrono::milliseconds deadline,
                        std::string_view input) {
  // A pipe takes this much although nobody reads it yet.
  JCI_ASSERT(input.size() <= 4096);
  Pipe told(argv.front()), pipe(argv.front());
  if (::write(told.writer(), input.data(), input.size()) != static_cast<ssize_t>(input.size()))
    fail(errno, argv.front());
  told.close_writer();
  const pid_t pid = spawn(argv, told.reader(), pipe.writer());
  pipe.close_writer();
  Finished finished;
  const bool in_time = read_all(pipe.reader(), finished.output, Clock::now() + deadline);
  if (!in_time) ::kill(pid, SIGKILL);
  finished.exit_code = wait_for(pid);
  if (!in_time) fail(ETIMEDOUT, argv.front());
  return finished;
}

}  // namespace jci
