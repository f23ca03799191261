// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jci/setup/change.hpp"
#include "jci/setup/scripts.hpp"

namespace jci::setup {

struct Proposal {
  Change change;
  std::string purpose;      ///< for people; empty where it goes without saying
  bool is_settled = false;  ///< nothing is left to do
};

struct Wishes {
  RunIn run_in = RunIn::jci;
  std::string push;  ///< "detach", "wait", or empty: as it is
};

struct Proposals {
  std::string kind;  ///< of the project: "Python"; empty where it is none we know
  std::vector<Proposal> changes;
  std::string by_hand;  ///< what only the user can do
};

/// All that a repository needs to have its pushes checked, also what is there already. Throws TriggerFailed.
Proposals proposals_for(const std::filesystem::path& root, const Wishes& wishes);

/// What was changed in a repository, so that it can be taken back: `jaypore/init.json` in its git directory.
class Record {
 public:
  /// Reads what is there. Throws BadConfig where it is damaged.
  explicit Record(const std::filesystem::path& root);

  const std::vector<Change>& changes() const { return changes_; }
  /// Writes it at once. Throws std::system_error.
  void add(const Change& change);
  /// The last one is taken back. Writes it at once.
  void drop_last();

 private:
  void write() const;

  std::filesystem::path file_;
  std::vector<Change> changes_;
};

}  // namespace jci::setup
