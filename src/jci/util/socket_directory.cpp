// SPDX-License-Identifier: MIT
#include "jci/util/socket_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace jci {
namespace {

namespace fs = std::filesystem;

// Leaves room for our name, and for that of a socket, to which ssh appends some more while it makes it.
constexpr std::size_t k_longest_base = 56;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("/._-").contains(c);
}

bool is_fit(const fs::path& base) {
  return base.is_absolute() && base.native().size() <= k_longest_base &&
         std::ranges::all_of(base.native(), is_plain) && ::access(base.c_str(), W_OK | X_OK) == 0;
}

fs::path base_directory() {
  for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"})
    if (const char* value = std::getenv(name); value != nullptr && is_fit(value)) return value;
  return "/tmp";
}

Fd open_directory(const fs::path& path) {
  return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool is_still(const fs::path& path, const Fd& directory) {
  struct stat there{}, here{};
  return ::fstat(directory.get(), &here) == 0 && ::lstat(path.c_str(), &there) == 0 &&
         there.st_ino == here.st_ino && there.st_dev == here.st_dev;
}

bool is_ours(const Fd& directory) {
  struct stat here{};
  return ::fstat(directory.get(), &here) == 0 && here.st_uid == ::geteuid();
}

// Those that nobody holds.
void sweep(const fs::path& base, const std::string& prefix) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(base, ignored)) {
    if (!entry.path().filename().native().starts_with(prefix)) continue;
    const Fd directory = open_directory(entry.path());
    if (!directory || !is_ours(directory) || ::flock(directory.get(), LOCK_EX | LOCK_NB) != 0)
      continue;
    fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

SocketDirectory::SocketDirectory(const std::string& purpose) {
  const fs::path base = base_directory();
  const std::string prefix = fmt::format("jaypore-{}-", purpose);
  sweep(base, prefix);
  // Once more where another process has swept it up before it was locked.
  do {
    std::string name = base / (prefix + "XXXXXX");
    if (::mkdtemp(name.data()) == nullptr)
      throw std::system_error(errno, std::system_category(), name);
    path_ = std::move(name);
    lock_ = open_directory(path_);
    if (lock_) ::flock(lock_.get(), LOCK_EX);
  } while (!lock_ || !is_still(path_, lock_));
}

SocketDirectory::~SocketDirectory() {
  std::error_code left;
  fs::remove_all(path_, left);
}

}  // namespace jci
