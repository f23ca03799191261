// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "jci/util/fd.hpp"

namespace jci::history {

/// Says that a run is alive. The kernel frees the lock when the process ends, however it ends, so a run that is RUNNING in
/// the history while nobody holds its lock was interrupted.
class RunLock {
 public:
  /// Holds `run_directory`/lock (made if missing) for the life of this object. Throws std::system_error, also when
  /// somebody else holds it.
  explicit RunLock(const std::filesystem::path& run_directory);

  /// Some process holds the lock of this run.
  static bool is_held(const std::filesystem::path& run_directory);

 private:
  Fd fd_;
};

}  // namespace jci::history
