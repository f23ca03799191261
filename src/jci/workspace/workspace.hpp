// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "jci/core/repo.hpp"
#include "jci/util/fd.hpp"

namespace jci {

/// The directory that all jobs of a run share, and the lock that keeps other runs out of it. The lock is an open descriptor
/// (flock): it lasts until the last process that holds it is gone, so it survives exec but no crash.
class Workspace {
 public:
  Workspace(std::filesystem::path path, std::string tree, Fd lock);
  Workspace(Workspace&&) noexcept = default;
  Workspace& operator=(Workspace&&) noexcept = default;

  const std::filesystem::path& path() const { return path_; }
  /// The id of the commit's tree; empty where the working tree was taken.
  const std::string& tree() const { return tree_; }
  int lock_fd() const { return lock_.get(); }

  /// Takes over one that this process inherited (see run/handover.hpp): programs started from now on do not inherit the lock.
  static Workspace adopt(std::filesystem::path path, int lock_fd);

 private:
  std::filesystem::path path_;
  std::string tree_;
  Fd lock_;
};

/// A Workspace that holds exactly the files of `repo`'s commit: what earlier jobs left is removed, what they changed is restored. A submodule is an
/// empty directory; git's own filters (line ends, ident, encodings) are applied, programs such as git-lfs are not run.
///
/// Workspaces live in `<cache>/workspaces/<repository>/<slot>/run` and are used again, the last one first; only what differs is
/// touched. Runs at once get different slots. Up to four free slots are kept, none for more than 14 days.
///
/// It also is a small git repository: HEAD is detached at the commit, branches and tags are there, objects are read from the user's
/// repository, and nothing done to it reaches that one.
///
/// Throws TriggerFailed: a file cannot be written (names it, and says why), or the commit holds a path that git refuses.
Workspace prepare_commit(const Repo& repo, const std::filesystem::path& cache);

/// The same with the files of the working tree: tracked ones as they are, and those neither tracked nor ignored.
Workspace prepare_dirty(const Repo& repo, const std::filesystem::path& cache);

}  // namespace jci
