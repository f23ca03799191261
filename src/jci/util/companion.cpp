// SPDX-License-Identifier: MIT
#include "jci/util/companion.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "jci/util/assert.hpp"
#include "jci/util/exec_words.hpp"

namespace jci {
namespace {

namespace asio = boost::asio;

// A socket takes this much although nobody reads it yet.
constexpr std::size_t k_most_told = 16UL * 1024;

std::pair<Fd, Fd> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::system_category(), "pipe");
  return {Fd(ends[0]), Fd(ends[1])};
}

std::pair<Fd, Fd> make_sockets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error(errno, std::system_category(), "socketpair");
  return {Fd(ends[0]), Fd(ends[1])};
}

struct Child {
  const char* path;
  char* const* arguments;
  char* const* variables;
  int input, output, errors;
  pid_t parent;
};

// Runs between vfork and exec, in the parent's memory: system calls only.
[[noreturn]] void become(const Child& child, int told) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != child.parent) ::_exit(127);  // it died before it could be watched
  ::dup2(child.input, STDIN_FILENO);
  ::dup2(child.output, STDOUT_FILENO);
  ::dup2(child.errors, STDERR_FILENO);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGHUP, SIGCHLD})
    ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(child.path, child.arguments, child.variables);
  const int failure = errno;
  [[maybe_unused]] const ssize_t ignored = ::write(told, &failure, sizeof failure);
  ::_exit(127);
}

pid_t start(const Companion::Program& program, int input, int output) {
  const Fd errors(
      ::open(program.errors.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!errors) throw std::system_error(errno, std::system_category(), program.errors);
  const std::vector<std::string> environment = environment_with(program.variables);
  const std::vector<char*> arguments = pointers_to(program.arguments);
  const std::vector<char*> variables = pointers_to(environment);
  const Child child{program.path.c_str(), arguments.data(), variables.data(), input, output,
                    errors.get(),         ::getpid()};
  // Told by a pipe, which exec closes: where a sanitizer makes vfork a fork, memory is not shared.
  auto [failed, told] = make_pipe();
  const pid_t process = ::vfork();  // as posix_spawn(3) cannot have it die with us
  if (process == 0) become(child, told.get());
  int failure = process < 0 ? errno : 0;
  told.reset();
  if (process > 0 && ::read(failed.get(), &failure, sizeof failure) > 0)
    ::waitpid(process, nullptr, 0);
  if (failure != 0) throw std::system_error(failure, std::system_category(), program.path);
  return process;
}

}  // namespace

Companion::Companion(const asio::any_io_executor& executor, const Program& program)
    : output_(executor) {
  // A socket, unlike a pipe, can be written to without a signal when nobody reads it any more.
  auto [theirs, ours] = make_sockets();
  auto [heard, said] = make_pipe();
  process_ = start(program, theirs.get(), said.get());
  input_ = std::move(ours);
  output_.assign(heard.release());
}

Companion::~Companion() {
  if (process_ <= 0) return;
  ::kill(-process_, SIGKILL);  // of its session
  wait();
}

void Companion::tell(std::string_view text) {
  JCI_ASSERT(text.size() <= k_most_told);
  // Where it has ended already its output tells so.
  [[maybe_unused]] const ssize_t written =
      ::send(input_.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

Awaitable<std::string> Companion::hear() {
  std::string room(4096, '\0');
  const auto buffer = asio::buffer(room);
  const auto [error, size] =
      co_await output_.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  room.resize(error ? 0 : size);
  co_return room;
}

int Companion::wait() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace jci
