// SPDX-License-Identifier: MIT
#include "jci/cli/memory_file.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/secrets/whole_file.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;
using secrets::cannot;

bool is_in_memory(const fs::path& directory) {
  struct statfs facts{};
  return ::statfs(directory.c_str(), &facts) == 0 &&
         (facts.f_type == TMPFS_MAGIC || facts.f_type == RAMFS_MAGIC) &&
         ::access(directory.c_str(), W_OK | X_OK) == 0;
}

fs::path memory() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  for (const fs::path place : {runtime == nullptr ? "" : runtime, "/dev/shm"})
    if (place.is_absolute() && is_in_memory(place)) return place;
  throw TriggerFailed(
      "neither `$XDG_RUNTIME_DIR` nor `/dev/shm` is kept in memory, and secrets in the clear must "
      "not "
      "reach a disk; mount a tmpfs there, or use `jci secrets set`");
}

fs::path make_directory() {
  std::string name = memory() / "jaypore-secrets-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw cannot("make", name, errno);
  return name;
}

void take_away(const fs::path& directory) {
  std::error_code gone;
  fs::remove_all(directory, gone);
}

void write_file(const fs::path& file, std::string_view text) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) throw cannot("write", file, errno);
  while (!text.empty()) {
    const auto written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR) throw cannot("write", file, errno);
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// The child: nothing of its parent's but `alive`, deaf to what ends a terminal's processes.
[[noreturn]] void guard(int alive, const fs::path& directory) {
  ::setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(signal, SIG_IGN);
  ::dup2(alive, STDIN_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::close(STDOUT_FILENO);
  ::close(STDERR_FILENO);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) {
  }
  take_away(directory);
  ::_exit(0);
}

}  // namespace

MemoryFile::MemoryFile(std::string_view name, std::string_view text)
    : directory_(make_directory()), path_(directory_ / name) {
  std::array<int, 2> ends{};
  try {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw cannot("guard", directory_, errno);
    const Fd watched(ends[0]);
    alive_.reset(ends[1]);
    guard_ = ::fork();
    if (guard_ < 0) throw cannot("guard", directory_, errno);
    if (guard_ == 0) guard(watched.get(), directory_);
    write_file(path_, text);
  } catch (const TriggerFailed&) {
    take_away(directory_);
    throw;
  }
}

MemoryFile::~MemoryFile() {
  take_away(directory_);
  alive_.reset();
  while (::waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

secrets::Wiped MemoryFile::read() const { return secrets::read_whole_file(path_); }

}  // namespace jci::cli
