// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "jci/history/store.hpp"
#include "jci/push/refs.hpp"

namespace jci::push {

/// A commit that is pushed and has a pipeline, so that it has to pass.
struct Check {
  std::string sha;
  std::string tree;    ///< id of all its files, its config among them
  std::string branch;  ///< on the other side; empty for a tag

  bool operator==(const Check&) const = default;
};

/// What of `refs` has to be checked, each commit once, in git's order: tags count as the commits they name; deletions, tags of other things, our
/// own reports (`refs/jayporeci/`) and commits without a config do not count. `root`: of the repository. Throws BadConfig where there is none, or
/// where it does not have what is pushed.
std::vector<Check> checks_of(const std::filesystem::path& root, const std::vector<PushedRef>& refs);

/// The newest run, of this repository's last 200 that passed, that ran the same pipeline over the same files. Throws StoreFailed.
std::optional<history::RunRow> run_that_passed(const std::filesystem::path& state,
                                               const std::filesystem::path& root,
                                               const std::string& tree);

/// Leaves in the history that `check` was pushed without a run: one without jobs that is SKIPPED. Throws StoreFailed, TriggerFailed.
void record_skipped(const std::filesystem::path& root, const Check& check);

/// "1f3a5b7c9d (main)", as messages show it.
std::string shown(const Check& check);

}  // namespace jci::push
