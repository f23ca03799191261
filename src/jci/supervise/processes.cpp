// SPDX-License-Identifier: MIT
#include "jci/supervise/processes.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jci/util/fd.hpp"

namespace jci::supervise {
namespace {

struct Process {
  pid_t pid;
  pid_t parent;
};

std::optional<pid_t> to_pid(std::string_view text) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  return error == std::errc{} && pid > 0 ? std::optional(pid) : std::nullopt;
}

// /proc/<pid>/stat is "pid (name) state parent ...", and the name may hold anything.
std::optional<pid_t> parent_of(const char* pid) {
  const Fd file(::open(("/proc/" + std::string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[512];
  const ssize_t n = file ? ::read(file.get(), text, sizeof text) : -1;
  if (n <= 0) return std::nullopt;
  const std::string_view line(text, static_cast<std::size_t>(n));
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string_view::npos || name_end + 4 > line.size()) return std::nullopt;
  return to_pid(line.substr(name_end + 4));
}

std::vector<Process> all_processes() {
  std::vector<Process> processes;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), &::closedir);
  while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr) {
    const auto pid = to_pid(entry->d_name);
    if (!pid) continue;
    if (const auto parent = parent_of(entry->d_name)) processes.push_back({*pid, *parent});
  }
  return processes;
}

std::vector<pid_t> children_of(pid_t parent, const std::vector<Process>& processes) {
  std::vector<pid_t> children;
  for (const Process& process : processes)
    if (process.parent == parent) children.push_back(process.pid);
  return children;
}

// Opened once: each read from the start gives a fresh list.
const Fd& children_file() {
  static const Fd file = [] {
    const std::string self = std::to_string(::getpid());
    return Fd(::open(("/proc/self/task/" + self + "/children").c_str(), O_RDONLY | O_CLOEXEC));
  }();
  return file;
}

std::string read_from_start(const Fd& file) {
  std::string text;
  char part[4096];
  ssize_t n = 0;
  while ((n = ::pread(file.get(), part, sizeof part, static_cast<off_t>(text.size()))) > 0)
    text.append(part, static_cast<std::size_t>(n));
  return text;
}

}  // namespace

std::vector<pid_t> own_children() {
  if (!children_file()) return children_of(::getpid(), all_processes());
  std::vector<pid_t> children;
  const std::string text = read_from_start(children_file());
  std::string_view rest = text;
  while (const auto pid = to_pid(rest)) {
    children.push_back(*pid);
    rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  }
  return children;
}

std::vector<pid_t> descendants(pid_t root) {
  const std::vector<Process> processes = all_processes();
  std::vector<pid_t> found = children_of(root, processes);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto below = children_of(found[i], processes);
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

}  // namespace jci::supervise
