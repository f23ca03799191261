// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace jci::workspace {

/// What tells that a file is still the one we wrote: nobody can set a ctime, so any write, chmod or replacement shows.
struct FileStat {
  std::uint64_t inode = 0;  ///< 0: not known
  std::uint64_t size = 0;
  std::int64_t mtime = 0;  ///< nanoseconds
  std::int64_t ctime = 0;  ///< nanoseconds

  bool operator==(const FileStat&) const = default;
  static FileStat of(const struct stat& st) {
    return {st.st_ino, static_cast<std::uint64_t>(st.st_size),
            st.st_mtim.tv_sec * 1'000'000'000 + st.st_mtim.tv_nsec,
            st.st_ctim.tv_sec * 1'000'000'000 + st.st_ctim.tv_nsec};
  }
};

using BlobId = std::array<std::uint8_t, 20>;

enum class Kind : std::uint8_t { file, executable, link, submodule };

/// One path that the Workspace shall hold.
struct Entry {
  std::string path;  ///< relative to the root, '/' between its parts
  BlobId blob{};     ///< of the content as git stores it
  Kind kind = Kind::file;
  bool from_worktree =
      false;        ///< the bytes come from the user's file, not from the object database
  FileStat stat{};  ///< of the file in the Workspace, once it is known to hold `blob`
};

/// Sorted by path, as bytes; no path twice.
using Entries = std::vector<Entry>;

}  // namespace jci::workspace
