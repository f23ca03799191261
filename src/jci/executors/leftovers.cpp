// SPDX-License-Identifier: MIT
#include "jci/executors/leftovers.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "jci/executors/shell_environment.hpp"
#include "jci/util/fd.hpp"

namespace jci {
namespace {

constexpr int k_patience_ms = 2000;

std::optional<pid_t> to_pid(const std::string& text) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  const bool all = error == std::errc{} && end == text.data() + text.size();
  return all ? std::optional(pid) : std::nullopt;
}

std::string read_environment(const std::filesystem::path& process) {
  std::ifstream file(process / "environ", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// One entry of /proc/<pid>/environ begins with `entry`. Unreadable, as for others' processes: no. In the middle of an exec(2) a process
// shows none for a moment, unlike one of the kernel's it has a program: that one is looked at again.
bool was_started_with(const std::filesystem::path& process, const Fd& handle,
                      const std::string& entry) {
  constexpr int tries = 20;
  constexpr int between_ms = 1;
  std::string variables = read_environment(process);
  for (int n = 0; n < tries && variables.empty(); ++n) {
    std::error_code error;
    const bool has_program = !std::filesystem::read_symlink(process / "exe", error).empty();
    pollfd end{handle.get(), POLLIN, 0};
    if (!has_program || ::poll(&end, 1, between_ms) != 0)
      return false;  // no program, or it has ended
    variables = read_environment(process);
  }
  return variables.starts_with(entry) || variables.find('\0' + entry) != std::string::npos;
}

// Open handles, so that a pid which is given to another process meanwhile is not mistaken.
std::vector<Fd> processes_of(std::string_view pipe_id) {
  const std::string entry = fmt::format("{}={}.", k_job_marker, pipe_id);
  std::vector<Fd> found;
  std::error_code error;
  for (const auto& process : std::filesystem::directory_iterator("/proc", error)) {
    const auto pid = to_pid(process.path().filename().native());
    if (!pid || *pid == ::getpid()) continue;
    Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
    if (handle && was_started_with(process.path(), handle, entry))
      found.push_back(std::move(handle));
  }
  return found;
}

}  // namespace

std::size_t kill_leftovers(std::string_view pipe_id) {
  std::size_t killed = 0;
  // Again, for those that were started meanwhile.
  for (auto left = processes_of(pipe_id); !left.empty() && killed < 100'000;
       left = processes_of(pipe_id)) {
    for (const Fd& process : left)
      ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    for (const Fd& process : left) {
      pollfd end{process.get(), POLLIN, 0};
      ::poll(&end, 1, k_patience_ms);
    }
    killed += left.size();
  }
  return killed;
}

}  // namespace jci
