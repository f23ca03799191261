// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "jci/workspace/entry.hpp"

namespace jci::workspace {

/// What a slot's tree held when it was last handed out: a cache, kept outside of the tree where no job of a container sees it.
///
/// It is safe against a kill at any moment, for an entry only counts while the file has the very stat that is noted: what was
/// written after the manifest is not in it, and so is written again.
struct Manifest {
  std::string tree;           ///< hex id of the commit's tree; empty for a working tree
  std::uint64_t filters = 0;  ///< fingerprint of what turns blobs into files besides the blobs
  mode_t umask = 0;
  Entries entries;
};

/// Nothing where there is none, or one that is damaged or of another version. Entries that were written so shortly before the
/// manifest that a later change could bear the same time come without their stat.
std::optional<Manifest> read_manifest(int slot_fd);

/// Replaces the slot's manifest in one step. Throws std::system_error.
void write_manifest(int slot_fd, const Manifest& manifest);

}  // namespace jci::workspace
