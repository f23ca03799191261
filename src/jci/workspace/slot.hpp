// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "jci/util/fd.hpp"

namespace jci::workspace {

/// One place for one run at a time: `<repository>/<number>/` with `lock`, `manifest`, `index` and the tree `run`. Whoever holds the flock on `lock` owns
/// it all.
struct Slot {
  std::filesystem::path path;
  Fd folder;
  Fd lock;
};

/// Takes the free slot that was used last, or makes a new one; never waits. Throws TriggerFailed naming the path that cannot be written.
Slot take_slot(const std::filesystem::path& repository);

/// Gives up a slot whose tree cannot be put right: it becomes rubbish, `slot` is freed.
void discard_slot(const std::filesystem::path& workspaces, Slot slot);

/// Keeps the cache small: of all repositories' slots, makes rubbish of the free ones that were not used for 14 days, and of those in `repository`
/// beyond the four used last; then removes rubbish for at most 50 ms, the rest is left to later runs. Never throws.
void tidy_slots(const std::filesystem::path& workspaces,
                const std::filesystem::path& repository) noexcept;

}  // namespace jci::workspace
