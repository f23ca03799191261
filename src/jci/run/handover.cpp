// SPDX-License-Identifier: MIT
#include "jci/run/handover.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "jci/run/exit_codes.hpp"
#include "jci/util/assert.hpp"
#include "jci/util/subprocess.hpp"

namespace jci::run {
namespace {

constexpr std::string_view k_to_come = "wait:";

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void set_variable(const char* name, const std::string& value) {
  if (::setenv(name, value.c_str(), 1) != 0) fail(name);
}

void let_inherit(int fd) {
  if (::fcntl(fd, F_SETFD, 0) != 0) fail("fcntl");
}

/// In memory, however much it is.
Fd file_with(std::string_view bytes) {
  Fd file(::memfd_create("jci-options", MFD_CLOEXEC));
  if (!file) fail("memfd_create");
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) fail("cannot write in memory");
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

// --- descriptors, from process to process ---

constexpr std::size_t k_most_handed = 3;  // options, lock, and a supervisor's socket
using Handed = std::array<int, k_most_handed>;

std::string text_of(const Handed& descriptors, pid_t supervisor) {
  return fmt::format("{}:{}", fmt::join(descriptors, ":"), supervisor);
}

struct Message {
  Message() {
    header.msg_iov = &content;
    header.msg_iovlen = 1;
    header.msg_control = room.data();
    header.msg_controllen = room.size();
  }
  pid_t supervisor = -1;
  iovec content{&supervisor, sizeof supervisor};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(k_most_handed * sizeof(int))> room{};
  msghdr header{};
};

void send_all(int socket, std::span<const int> descriptors, pid_t supervisor) {
  JCI_ASSERT(descriptors.size() <= k_most_handed);
  Message message;
  message.supervisor = supervisor;
  cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
  message.header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
  std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  while (::sendmsg(socket, &message.header, MSG_NOSIGNAL) < 0)
    if (errno != EINTR) fail("sendmsg");
}

/// What `k_options_variable` is to tell; nothing where the other side has ended instead.
std::optional<std::string> receive_all(int socket, const std::function<void()>& interrupted) {
  Message message;
  while (::recvmsg(socket, &message.header, MSG_CMSG_CLOEXEC) < 0) {
    if (errno != EINTR) fail("recvmsg");
    interrupted();
  }
  const cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) return std::nullopt;
  Handed numbers = {-1, -1, -1};
  std::memcpy(numbers.data(), CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
  return text_of(numbers, message.supervisor);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// The exit code of a child that did not do what it had to; it has said why, or we do.
int explain(int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) {
    fmt::print(stderr, "interrupted\n");
    return k_interrupted;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) return WEXITSTATUS(status);
  fmt::print(stderr, "jci: error: what prepares the run was ended by {}\n",
             WIFSIGNALED(status) ? ::strsignal(WTERMSIG(status)) : "itself");
  return k_failed;
}

}  // namespace

void become_interpreter(const std::vector<std::string>& command) {
  sigset_t interrupt;
  ::sigemptyset(&interrupt);
  ::sigaddset(&interrupt, SIGINT);
  ::sigprocmask(SIG_BLOCK, &interrupt, nullptr);
  become_program(command);
}

void hear_interrupts() {
  sigset_t interrupt;
  ::sigemptyset(&interrupt);
  ::sigaddset(&interrupt, SIGINT);
  ::pthread_sigmask(SIG_UNBLOCK, &interrupt, nullptr);
}

void enter_workspace(const std::filesystem::path& workspace) {
  std::filesystem::current_path(workspace);
  set_variable("JAYPORE_RUN", workspace);
}

void hand_over(const Options& options) {
  Fd file = file_with(options.to_json());
  const Handed handed = {file.release(), options.workspace_lock, options.supervisor_socket};
  for (const int descriptor : handed)
    if (descriptor >= 0) let_inherit(descriptor);
  set_variable(k_options_variable, text_of(handed, options.supervisor_process));
}

Preparation Preparation::beside(const std::function<std::vector<std::string>()>& program) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("socketpair");
  std::array<Fd, 2> sockets{Fd(ends[0]), Fd(ends[1])};
  std::fflush(nullptr);  // or both would write what is left
  // What the child starts and leaves becomes ours to reap: not every process 1 does that.
  int adopts = 0;
  ::prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child > 0) {
    set_variable(k_options_variable,
                 fmt::format("{}{}:{}:{}", k_to_come, sockets[0].get(), child, adopts));
    let_inherit(sockets[0].get());
    become_interpreter(program());
  }
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(k_failed);
  return Preparation(std::move(sockets[1]));
}

void Preparation::finish(const Options& options) {
  const Fd file = file_with(options.to_json());
  std::vector<int> descriptors = {file.get(), options.workspace_lock};
  if (options.supervisor_socket >= 0) descriptors.push_back(options.supervisor_socket);
  send_all(config_process_.get(), descriptors, options.supervisor_process);
  ::_exit(k_passed);  // there is nothing left to do, and somebody waits
}

std::optional<int> await_preparation(const std::function<void()>& interrupted) {
  const char* variable = std::getenv(k_options_variable);
  if (variable == nullptr || !std::string_view(variable).starts_with(k_to_come))
    return std::nullopt;
  int number = -1;
  pid_t child = -1;
  int adopts = 0;
  if (std::sscanf(variable + k_to_come.size(), "%d:%d:%d", &number, &child, &adopts) != 3)
    return std::nullopt;  // Options says what is wrong
  const Fd socket(number);
  const std::optional<std::string> handed = receive_all(socket.get(), interrupted);
  const int status = wait_for(child);
  ::prctl(PR_SET_CHILD_SUBREAPER, adopts, 0, 0, 0);
  if (!handed) {
    ::unsetenv(k_options_variable);
    return explain(status);
  }
  set_variable(k_options_variable, *handed);
  const Options& options = Options::of_process();
  enter_workspace(options.workspace);
  if (!options.program.empty()) {
    hand_over(options);
    become_program({options.program});
  }
  return std::nullopt;
}

}  // namespace jci::run
