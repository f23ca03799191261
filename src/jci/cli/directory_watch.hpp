// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "jci/util/fd.hpp"

namespace jci::cli {

/// Waits for files in some directories to be made or to change (inotify(7)).
class DirectoryWatch {
 public:
  /// Throws std::system_error.
  explicit DirectoryWatch(const std::vector<std::filesystem::path>& directories);

  /// Returns once something has changed since the last call, or after `timeout`.
  void wait(std::chrono::milliseconds timeout);

 private:
  Fd inotify_;
};

}  // namespace jci::cli
