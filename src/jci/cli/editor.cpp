// SPDX-License-Identifier: MIT
#include "jci/cli/editor.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <system_error>

#include "jci/core/errors.hpp"
#include "jci/util/program.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

std::string editor() {
  for (const char* variable : {"VISUAL", "EDITOR"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return value;
  }
  for (const char* name : {"vi", "nano"})
    if (find_on_path(name)) return name;
  throw BadConfig("there is no editor; name one by the environment variable `EDITOR`");
}

/// This process does not hear what the terminal's keys send.
class Deaf {
 public:
  Deaf() : interrupt_(std::signal(SIGINT, SIG_IGN)), quit_(std::signal(SIGQUIT, SIG_IGN)) {}
  Deaf(const Deaf&) = delete;
  Deaf& operator=(const Deaf&) = delete;
  ~Deaf() {
    std::signal(SIGINT, interrupt_);
    std::signal(SIGQUIT, quit_);
  }

 private:
  using Handler = void (*)(int);
  Handler interrupt_;
  Handler quit_;
};

/// As a shell starts it, with both signals as a program expects them.
pid_t start(const std::string& command, const fs::path& file) {
  const std::string script = command + " \"$@\"";
  std::array<const char*, 6> argv = {"sh",         "-c",   script.c_str(), command.c_str(),
                                     file.c_str(), nullptr};
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t heard;
  ::sigemptyset(&heard);
  ::sigaddset(&heard, SIGINT);
  ::sigaddset(&heard, SIGQUIT);
  ::posix_spawnattr_setsigdefault(&attributes, &heard);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, "/bin/sh", nullptr, &attributes,
                                  const_cast<char* const*>(argv.data()), environ);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0)
    throw TriggerFailed(fmt::format("cannot start the editor `{}`: {}", command,
                                    std::system_category().message(error)));
  return pid;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

void run_editor(const fs::path& file) {
  const std::string command = editor();
  const Deaf deaf;
  const int status = wait_for(start(command, file));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  throw TriggerFailed(
      WIFEXITED(status) ? fmt::format("the editor `{}` ended with {}: nothing is changed", command,
                                      WEXITSTATUS(status))
                        : fmt::format("the editor `{}` was ended by signal {}: nothing is changed",
                                      command, WTERMSIG(status)));
}

}  // namespace jci::cli
