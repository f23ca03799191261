// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "jci/util/fd.hpp"

namespace jci {

/// A new directory of this user's alone for unix sockets, whose paths must be short (unix(7): 107 bytes), and of plain characters. Removed with all
/// that is in it; that of a process which was killed is removed by the next one that makes one for the same purpose.
class SocketDirectory {
 public:
  /// `purpose` is a part of its name. Throws std::system_error.
  explicit SocketDirectory(const std::string& purpose);
  ~SocketDirectory();
  SocketDirectory(const SocketDirectory&) = delete;
  SocketDirectory& operator=(const SocketDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  Fd lock_;  // of the directory: it is somebody's as long as it is held
};

}  // namespace jci
