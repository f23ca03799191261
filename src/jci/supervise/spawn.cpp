// SPDX-License-Identifier: MIT
#include "jci/supervise/spawn.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

namespace jci::supervise {
namespace {

// Takes `count` NUL-ended strings from `*at`; false if there are not as many.
bool take_strings(char*& at, const char* end, std::uint32_t count, std::vector<char*>& strings) {
  for (; count > 0; --count) {
    if (at == end) return false;
    strings.push_back(at);
    at += std::strlen(at) + 1;
  }
  strings.push_back(nullptr);
  return true;
}

std::string_view search_path(const Program& program) {
  for (const char* variable : program.variables)
    if (variable != nullptr && std::strncmp(variable, "PATH=", 5) == 0) return variable + 5;
  return "/usr/local/bin:/usr/bin:/bin";
}

// The paths to try, in order.
std::vector<std::string> candidates(const Program& program) {
  const std::string_view name = program.arguments.front();
  if (name.find('/') != std::string_view::npos) return {std::string(name)};
  std::vector<std::string> paths;
  std::string_view rest = search_path(program);
  for (bool more = true; more;) {
    const std::size_t colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    more = colon != std::string_view::npos;
    if (more) rest.remove_prefix(colon + 1);
    paths.push_back(std::string(folder.empty() ? "." : folder) + '/' + std::string(name));
  }
  return paths;
}

// What execvp(3) does, but with the job's own PATH. Returns the errno to tell.
int exec_first(const Program& program, const std::vector<std::string>& paths) {
  int told = ENOENT;
  for (const std::string& path : paths) {
    ::execve(path.c_str(), program.arguments.data(), program.variables.data());
    if (errno == EACCES) told = EACCES;
    if (errno != EACCES && errno != ENOENT && errno != ENOTDIR) return errno;
  }
  return told;
}

// Runs between vfork and exec, in the parent's memory: system calls only. What fails goes to `failure`, which the parent reads.
[[noreturn]] void become(const Program& program, const std::vector<std::string>& paths,
                         pid_t parent, volatile SpawnFailure* failure) {
  ::setsid();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died before it could be watched
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::dup2(program.out.get(), STDOUT_FILENO);
  ::dup2(program.err.get(), STDERR_FILENO);
  if (::chdir(program.directory) != 0) {
    failure->step = Step::directory;
    failure->error = errno;
    ::_exit(127);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  failure->step = Step::exec;
  failure->error = exec_first(program, paths);
  ::_exit(127);
}

}  // namespace

bool parse(std::string payload, Program& program) {
  SpawnHeader header;
  if (payload.size() < sizeof header || payload.back() != '\0') return false;
  std::memcpy(&header, payload.data(), sizeof header);
  program.block = std::move(payload);
  char* at = program.block.data() + sizeof header;
  const char* end = program.block.data() + program.block.size();
  std::vector<char*> directory;
  if (header.arguments == 0 || !take_strings(at, end, 1, directory)) return false;
  program.directory = directory.front();
  return take_strings(at, end, header.arguments, program.arguments) &&
         take_strings(at, end, header.variables, program.variables) && at == end;
}

std::expected<pid_t, SpawnFailure> spawn(const Program& program) {
  const std::vector<std::string> paths = candidates(program);
  const pid_t parent = ::getpid();
  volatile SpawnFailure failure{Step::fork, 0};
  // vfork, as we have to say which step failed, which posix_spawn(3) does not.
  const pid_t child = ::vfork();
  if (child == 0) become(program, paths, parent, &failure);
  if (child < 0) return std::unexpected(SpawnFailure{Step::fork, errno});
  if (failure.error == 0) return child;
  ::waitpid(child, nullptr, 0);
  return std::unexpected(SpawnFailure{failure.step, failure.error});
}

}  // namespace jci::supervise
