// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jci::tar {

// Tar archives as they pass through a socket, by libarchive. `pack` and `unpack` block; what they keep in memory does not grow with the files. Names
// are bytes, whatever the locale. All throw std::runtime_error where libjci_archive.so cannot be loaded.

/// Some of what is in a directory.
struct Parcel {
  std::filesystem::path directory;
  std::vector<std::string> names;  ///< relative to it, "" for itself: each without what is in it
  std::string prefix;              ///< of those names in the archive: "files"
  /// Files of their own, after all else: names and contents.
  std::vector<std::pair<std::string, std::string>> texts = {};
};

/// Writes `parcel` to the socket `to`: files, directories and symbolic links, with owners, modes and
/// times. Left out: fifos, sockets and devices, and what vanishes meanwhile. The error names what cannot be read, or became shorter while it
/// was. Where nobody reads any more, the rest is not written; whoever closed the other end knows why.
std::expected<void, std::string> pack(const Parcel& parcel, int to);

/// Unpacks what comes from the socket `from` into `directory`, each name without its first part: "run/a/b" becomes "a/b", and so does "/a/b". Files that are
/// there are replaced, others left alone. All belongs to this process's user, who may enter all directories; modes are subject to
/// the umask. Nothing is written outside of `directory`, whatever the archive says: no "..", through no link.
///
/// Goes on after what cannot be written and returns, for people, what that was: a few files by their names, and how many others.
std::vector<std::string> unpack(int from, const std::filesystem::path& directory);

/// The first `max_bytes` bytes of the first file of `archive`, which may be cut off; nothing if that is no regular file.
std::optional<std::string> first_file(std::string_view archive, std::size_t max_bytes);

}  // namespace jci::tar
