// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "jci/core/view.hpp"
#include "jci/history/store.hpp"

namespace jci::cli {

/// What the history commands read: the runs of this user, seen from one directory.
class HistoryAccess {
 public:
  /// The repository is the one that `directory` lies in. Makes nothing; throws StoreFailed where a history cannot be read.
  explicit HistoryAccess(const std::filesystem::path& directory);

  const std::filesystem::path& state() const { return state_; }
  /// As the history names it; nothing outside of repositories.
  const std::optional<std::string>& repository() const { return repository_; }

  /// Newest first; none where nothing has been kept yet. `interrupted` is set also where no sweep has marked the run so far.
  std::vector<history::RunRow> runs(const history::RunQuery& query);
  std::vector<history::JobRow> jobs(const history::RunRow& run,
                                    const std::optional<std::string>& name = std::nullopt);
  /// The snapshot of a run that `runs` gave.
  PipelineView view_of(const history::RunRow& run);
  /// Where the logs of the run lie.
  std::filesystem::path logs_of(const history::RunRow& run) const;

 private:
  std::filesystem::path state_;
  std::optional<std::string> repository_;
  std::optional<history::Store> store_;
};

/// "PASSED", ..., "INTERRUPTED"; and the coloured sign for it.
std::string_view status_of(const history::RunRow& run);
std::string_view dot_of(const history::RunRow& run);

/// A job that the history still shows RUNNING in an interrupted run is CANCELLED.
Status status_in(const history::RunRow& run, const history::JobRow& job);

}  // namespace jci::cli
