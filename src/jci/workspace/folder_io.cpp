// SPDX-License-Identifier: MIT
#include "jci/workspace/folder_io.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

namespace jci::workspace {
namespace {

[[noreturn]] void fail(int error, std::string_view action, const std::string& name) {
  throw std::system_error(error, std::generic_category(), fmt::format("{} `{}`", action, name));
}

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

bool is_denied(int error) { return error == EACCES || error == EPERM; }

/// Gives us all rights on a directory that a job has closed. There is no fchmodat that does not follow links, hence the detour.
void unlock_folder(int folder, const std::string& name) {
  const Fd fd(::openat(folder, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return;
  ::chmod(fmt::format("/proc/self/fd/{}", fd.get()).c_str(), 0700);
}

/// Runs a system call in a directory that a job may have made read-only; gives its errno, 0 for success.
template <typename Call>
int in_folder(int folder, Call call) {
  if (call() >= 0) return 0;
  if (!is_denied(errno)) return errno;
  const int denied = errno;
  struct stat st;
  if (::fstat(folder, &st) != 0 || (st.st_mode & S_IRWXU) == S_IRWXU || ::fchmod(folder, 0700) != 0)
    return denied;
  return call() >= 0 ? 0 : errno;
}

void write_all(int fd, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno, "write", name);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

Fd create(int folder, const std::string& name, mode_t mode) {
  int fd = -1;
  const int error = in_folder(folder, [&] {
    return fd = ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         mode);
  });
  if (error != 0) fail(error, "create", name);
  return Fd(fd);
}

/// Removes a tree. Descends at most `k_levels` directories at a time, each of which costs a descriptor: what lies deeper is moved up first.
class Removal {
 public:
  Removal(int top, Deadline deadline) : top_(top), deadline_(deadline) {}

  bool remove(const std::string& name) {
    pending_.push_back(name);
    while (!pending_.empty()) {
      const auto next = pending_.back();
      pending_.pop_back();
      if (!remove_below(top_, next, 0)) return false;
    }
    return true;
  }

 private:
  static constexpr int k_levels = 64;

  bool remove_below(int folder, const std::string& name, int level) {
    if (deadline_ && std::chrono::steady_clock::now() > *deadline_) return false;
    const int error = unlink(folder, name, 0);
    if (error == 0 || error == ENOENT) return true;
    if (error != EISDIR) fail(error, "remove", name);
    if (level == k_levels) return move_up(folder, name);
    const Fd child = open_folder(folder, name);
    for (const auto& inner : names_in(child.get()))
      if (!remove_below(child.get(), inner, level + 1)) return false;
    if (const int failed = unlink(folder, name, AT_REMOVEDIR); failed != 0)
      fail(failed, "remove", name);
    return true;
  }

  static int unlink(int folder, const std::string& name, int flags) {
    return in_folder(folder, [&] { return ::unlinkat(folder, name.c_str(), flags); });
  }

  bool move_up(int folder, const std::string& name) {
    // A directory can be moved only by who may write in it: its ".." changes.
    const auto rename = [&](const std::string& to) {
      return ::renameat2(folder, name.c_str(), top_, to.c_str(), RENAME_NOREPLACE);
    };
    for (int attempt = 0;; ++attempt) {
      const auto to = fmt::format(".jci-removed-{}", ++moved_);
      const int error = in_folder(folder, [&] { return rename(to); });
      if (error == 0) return pending_.push_back(to), true;
      if (is_denied(error) && attempt == 0)
        unlock_folder(folder, name);
      else if (error != EEXIST)
        fail(error, "remove", name);
    }
  }

  int top_;
  Deadline deadline_;
  std::vector<std::string> pending_;
  int moved_ = 0;
};

}  // namespace

Fd open_folder(int folder, const std::string& name) {
  const auto open = [&] {
    return ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  };
  int fd = open();
  if (fd < 0 && is_denied(errno)) {
    unlock_folder(folder, name);
    fd = open();
  }
  if (fd < 0) fail(errno, "open", name);
  return Fd(fd);
}

bool make_folder(int folder, const std::string& name) {
  const int error = in_folder(folder, [&] { return ::mkdirat(folder, name.c_str(), 0777); });
  if (error != 0 && error != EEXIST) fail(error, "create", name);
  return error == 0;
}

std::vector<std::string> names_in(int folder) {
  // A descriptor of its own: the position in the directory belongs to the open file.
  const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) fail(errno, "read", ".");
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(own));
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir.get()))
    if (const std::string_view name = entry->d_name; name != "." && name != "..")
      names.emplace_back(name);
  std::ranges::sort(names);
  return names;
}

struct stat write_file(int folder, const std::string& name, std::string_view bytes, mode_t mode) {
  const Fd fd = create(folder, name, mode);
  write_all(fd.get(), bytes, name);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) fail(errno, "read", name);
  return st;
}

void write_file(int folder, const std::string& name, std::string_view bytes) {
  remove(folder, name);
  write_file(folder, name, bytes, 0666);
}

struct stat write_link(int folder, const std::string& name, const std::string& target) {
  const int error =
      in_folder(folder, [&] { return ::symlinkat(target.c_str(), folder, name.c_str()); });
  if (error != 0) fail(error, "create", name);
  struct stat st;
  if (::fstatat(folder, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) fail(errno, "read", name);
  return st;
}

void copy_file(int from, const std::string& name, int to, const std::string& new_name) {
  const Fd source(::openat(from, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!source) fail(errno, "open", name);
  const Fd target = create(to, new_name, 0666);
  ssize_t copied = 0;
  while ((copied = ::copy_file_range(source.get(), nullptr, target.get(), nullptr,
                                     std::size_t{1} << 30, 0)) > 0);
  if (copied < 0) fail(errno, "write", new_name);
}

void rename_file(int folder, const std::string& from, const std::string& to) {
  if (::renameat(folder, from.c_str(), folder, to.c_str()) != 0) fail(errno, "rename", from);
}

bool remove(int folder, const std::string& name, Deadline deadline) {
  return Removal(folder, deadline).remove(name);
}

}  // namespace jci::workspace
