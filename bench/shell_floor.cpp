// SPDX-License-Identifier: MIT
// `bench_shell_floor JOBS PARALLEL [COMMAND]`: the least that running JOBS shell commands can cost: a bare loop of posix_spawn(3) and
// waitpid(2), PARALLEL at once, `true` unless a COMMAND is given. Prints the seconds it took. What executors.Shell adds is measured against this.

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

extern "C" char** environ;

namespace {

class Floor {
 public:
  explicit Floor(std::string command) : command_(std::move(command)) {
    ::posix_spawn_file_actions_init(&actions_);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      ::posix_spawn_file_actions_addopen(&actions_, standard, "/dev/null", O_RDWR, 0);
  }
  ~Floor() { ::posix_spawn_file_actions_destroy(&actions_); }
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  bool run(int jobs, int parallel) {
    int running = 0;
    for (int started = 0; started < jobs || running > 0;) {
      for (; started < jobs && running < parallel; ++started, ++running)
        if (!start()) return false;
      if (::waitpid(-1, nullptr, 0) > 0) --running;
    }
    return true;
  }

 private:
  bool start() {
    std::string shell = "/bin/sh";
    std::string option = "-c";
    const std::array<char*, 4> arguments{shell.data(), option.data(), command_.data(), nullptr};
    pid_t pid = -1;
    return ::posix_spawn(&pid, shell.c_str(), &actions_, nullptr, arguments.data(), environ) == 0;
  }

  std::string command_;
  posix_spawn_file_actions_t actions_;
};

}  // namespace

int main(int argc, char** argv) {
  const int jobs = argc > 2 ? std::atoi(argv[1]) : 0;
  const int parallel = argc > 2 ? std::atoi(argv[2]) : 0;
  if (jobs < 1 || parallel < 1) {
    fmt::print(stderr, "usage: {} JOBS PARALLEL [COMMAND]\n", argv[0]);
    return 2;
  }
  Floor floor(argc > 3 ? argv[3] : "true");
  const auto begun = std::chrono::steady_clock::now();
  if (!floor.run(jobs, parallel)) {
    std::perror("posix_spawn");
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  fmt::print("{:.4f}\n", took.count());
}
