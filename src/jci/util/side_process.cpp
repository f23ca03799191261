// SPDX-License-Identifier: MIT
#include "jci/util/side_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

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

}  // namespace jci
