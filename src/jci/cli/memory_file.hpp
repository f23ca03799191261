// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "jci/secrets/wiped.hpp"
#include "jci/util/fd.hpp"

namespace jci::cli {

/// A file for other programs to read and write whose content never reaches a disk (but for swap): in a directory of this user's alone, on a file system that
/// is kept in memory. It goes with all that programs put beside it when this object goes, and also when this process does, in whatever way: a child of it
/// waits for that.
class MemoryFile {
 public:
  /// In `$XDG_RUNTIME_DIR` or `/dev/shm`. Throws TriggerFailed where neither is kept in memory.
  MemoryFile(std::string_view name, std::string_view text);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// What is in it now. Throws TriggerFailed.
  secrets::Wiped read() const;

 private:
  std::filesystem::path directory_;
  std::filesystem::path path_;
  Fd alive_;  // closed when this process ends
  pid_t guard_ = -1;
};

}  // namespace jci::cli
