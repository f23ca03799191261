// SPDX-License-Identifier: MIT
#include "jci/util/side_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "jci/util/exec_words.hpp"

namespace jci {
namespace {

std::pair<Fd, Fd> socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error(errno, std::system_category(), "cannot make a socket pair");
  return {Fd(ends[0]), Fd(ends[1])};
}

class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_init(&actions_);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      ::posix_spawn_file_actions_addopen(&actions_, standard, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, socket, socket);  // to itself: takes CLOEXEC off
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  pid_t spawn(const std::vector<std::string>& command,
              const std::vector<std::string>& variables) const {
    pid_t process = -1;
    const int error = ::posix_spawnp(&process, command.front().c_str(), &actions_, &attributes_,
                                     pointers_to(command).data(), pointers_to(variables).data());
    if (error != 0)
      throw std::runtime_error(fmt::format("cannot start `{}`: {}", command.front(),
                                           std::system_category().message(error)));
    return process;
  }

 private:
  posix_spawnattr_t attributes_;
  posix_spawn_file_actions_t actions_;
};

// Where this process ends before they do.
constexpr auto k_last_patience = std::chrono::seconds(1);

struct Left {
  // Also forgets what is a child of the process that this one is a fork of.
  void reap() {
    std::erase_if(processes, [](pid_t each) { return ::waitpid(each, nullptr, WNOHANG) != 0; });
  }

  std::mutex mutex;
  std::vector<pid_t> processes;
};

// Never destroyed: who leaves a process may itself be destroyed at the very end.
Left& left() {
  static Left& all = *[] {
    std::atexit(&reap_left);
    return new Left();
  }();
  return all;
}

}  // namespace

SideProcess start_beside(std::vector<std::string> command,
                         const std::vector<std::string>& arguments,
                         const std::vector<std::string>& variables) {
  auto [ours, theirs] = socket_pair();
  command.push_back(std::to_string(theirs.get()));
  command.insert(command.end(), arguments.begin(), arguments.end());
  const pid_t process = SpawnSettings(theirs.get()).spawn(command, variables);
  return {std::move(ours), process};
}

void leave_to_end(pid_t process) {
  Left& all = left();
  const std::scoped_lock lock(all.mutex);
  all.processes.push_back(process);
  all.reap();
}

void reap_left() {
  Left& all = left();
  const std::scoped_lock lock(all.mutex);
  all.reap();
  const auto deadline = std::chrono::steady_clock::now() + k_last_patience;
  for (const pid_t process : all.processes) {
    const auto time_left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const Fd end(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    pollfd ended{end.get(), POLLIN, 0};
    if (end) ::poll(&ended, 1, std::max(0, static_cast<int>(time_left.count())));
  }
  all.reap();
}

}  // namespace jci
