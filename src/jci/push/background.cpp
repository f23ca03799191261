// SPDX-License-Identifier: MIT
#include "jci/push/background.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <system_error>

#include "jci/util/fd.hpp"

namespace jci::push {
namespace {

Fd opened(const char* file, int flags) {
  Fd fd(::open(file, flags | O_CLOEXEC, 0600));
  if (!fd) throw std::system_error(errno, std::generic_category(), fmt::format("`{}`", file));
  return fd;
}

[[noreturn]] void become_background(int nothing, int log, const std::function<int()>& work) {
  ::setsid();
  if (::fork() != 0) ::_exit(0);  // its child leads no session, so no terminal can become its own
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);  // git waits for the ends of its pipes
  int code = 1;
  try {
    code = work();
  } catch (const std::exception& error) {
    fmt::print(stderr, "jci: error: {}\n", error.what());
  }
  std::fflush(nullptr);
  ::_exit(code);
}

}  // namespace

void in_background(const std::filesystem::path& log, const std::function<int()>& work) {
  const Fd nothing = opened("/dev/null", O_RDONLY);
  const Fd output = opened(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  if (::flock(output.get(), LOCK_EX | LOCK_NB) != 0)
    throw std::system_error(errno, std::generic_category(), fmt::format("`{}`", log.string()));
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) become_background(nothing.get(), output.get(), work);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace jci::push
