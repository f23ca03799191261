// SPDX-License-Identifier: MIT
#include "jci/workspace/slot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/workspace/folder_io.hpp"

namespace jci::workspace {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_free_slots = 4;
constexpr time_t k_oldest = 14 * 24 * 60 * 60;
constexpr auto k_time_for_rubbish = std::chrono::milliseconds(50);
constexpr const char* k_rubbish = ".rubbish";

/// A slot that was found, and when it was taken last.
struct Found {
  fs::path path;
  time_t used;
};

/// Directories only, and no symbolic links; nothing where `folder` cannot be read.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (std::error_code ignored; it->symlink_status(ignored).type() == fs::file_type::directory)
      paths.push_back(it->path());
  return paths;
}

/// The slots of a repository, the one used last first.
std::vector<Found> slots_in(const fs::path& repository) {
  std::vector<Found> slots;
  for (auto& path : folders_in(repository)) {
    struct stat st;
    const bool known = ::lstat((path / "lock").c_str(), &st) == 0;
    slots.push_back({std::move(path), known ? st.st_mtime : 0});
  }
  std::ranges::sort(slots, [](const Found& a, const Found& b) { return a.used > b.used; });
  return slots;
}

/// Locks the slot if it is free. Another run may move it away between opening and locking, so its place is looked at again.
std::optional<Slot> try_lock(const fs::path& path) {
  Slot slot{path, Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)), Fd()};
  if (!slot.folder) return std::nullopt;
  slot.lock =
      Fd(::openat(slot.folder.get(), "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!slot.lock || ::flock(slot.lock.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  struct stat held;
  struct stat there;
  const bool in_place = ::fstat(slot.folder.get(), &held) == 0 &&
                        ::lstat(path.c_str(), &there) == 0 && held.st_dev == there.st_dev &&
                        held.st_ino == there.st_ino;
  if (!in_place) return std::nullopt;
  return slot;
}

Slot mark_used(Slot slot) {
  ::futimens(slot.lock.get(), nullptr);
  return slot;
}

void make_private_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (!error && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    error.assign(errno, std::generic_category());
  if (error)
    throw TriggerFailed(
        fmt::format("cannot create the directory `{}` for workspaces: {}. Set XDG_CACHE_HOME to a "
                    "directory that can be written",
                    path.string(), error.message()));
}

[[noreturn]] void throw_cannot_create(const fs::path& path, int error) {
  throw TriggerFailed(fmt::format("cannot create the workspace `{}`: {}", path.string(),
                                  std::generic_category().message(error)));
}

Slot make_slot(const fs::path& repository) {
  for (int number = 0;; ++number) {
    const auto path = repository / std::to_string(number);
    if (::mkdir(path.c_str(), 0700) == 0) {
      if (auto slot = try_lock(path)) return std::move(*slot);
      // Another run may have been quicker to lock it, or to tidy it away.
      if (errno != EWOULDBLOCK && errno != ENOENT) throw_cannot_create(path / "lock", errno);
    } else if (errno == ENOENT) {
      make_private_folder(repository);
    } else if (errno != EEXIST) {
      throw_cannot_create(path, errno);
    }
  }
}

fs::path rubbish_name(const fs::path& workspaces, const fs::path& slot) {
  timespec now;
  ::clock_gettime(CLOCK_REALTIME, &now);
  return workspaces / k_rubbish /
         fmt::format("{}-{}-{}-{}.{}", slot.parent_path().filename().string(),
                     slot.filename().string(), ::getpid(), now.tv_sec, now.tv_nsec);
}

/// The slot leaves its place at once; removing what is in it can take its time.
void throw_away(const fs::path& workspaces, const Slot& slot) {
  ::mkdir((workspaces / k_rubbish).c_str(), 0700);
  ::rename(slot.path.c_str(), rubbish_name(workspaces, slot.path).c_str());
}

void throw_stale_away(const fs::path& workspaces, const fs::path& repository, bool is_ours) {
  std::size_t free = 0;
  for (const auto& found : slots_in(repository)) {
    const bool is_old = found.used < ::time(nullptr) - k_oldest;
    if (!is_old && !is_ours) continue;
    const auto slot = try_lock(found.path);
    if (slot && (is_old || ++free > k_free_slots)) throw_away(workspaces, *slot);
  }
  ::rmdir(repository.c_str());  // succeeds only where it is empty
}

void remove_rubbish(const fs::path& workspaces) {
  const Fd folder(
      ::open((workspaces / k_rubbish).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return;
  const auto deadline = std::chrono::steady_clock::now() + k_time_for_rubbish;
  for (const auto& name : names_in(folder.get())) {
    try {
      if (!remove(folder.get(), name, deadline)) return;
    } catch (const std::system_error&) {
      // What belongs to somebody else stays; it is out of the way.
    }
  }
}

}  // namespace

Slot take_slot(const fs::path& repository) {
  make_private_folder(repository.parent_path());
  make_private_folder(repository);
  for (const auto& found : slots_in(repository))
    if (auto slot = try_lock(found.path)) return mark_used(std::move(*slot));
  return mark_used(make_slot(repository));
}

void discard_slot(const fs::path& workspaces, Slot slot) { throw_away(workspaces, slot); }

void tidy_slots(const fs::path& workspaces, const fs::path& repository) noexcept {
  try {
    for (const auto& path : folders_in(workspaces))
      if (path.filename() != k_rubbish) throw_stale_away(workspaces, path, path == repository);
    remove_rubbish(workspaces);
  } catch (const std::exception&) {
    // An untidy cache is no reason to fail a run.
  }
}

}  // namespace jci::workspace
