// SPDX-License-Identifier: MIT
#include "jci/cli/history_access.hpp"

#include "jci/core/dot.hpp"
#include "jci/history/sweep.hpp"
#include "jci/history/view.hpp"
#include "jci/util/paths.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

/// `.git` is a directory, or in a worktree a file; a bare repository is what `.git` would be.
bool is_repository(const fs::path& directory) {
  std::error_code ignored;
  if (fs::exists(directory / ".git", ignored)) return true;
  return fs::is_regular_file(directory / "HEAD", ignored) &&
         fs::is_directory(directory / "objects", ignored) &&
         fs::is_directory(directory / "refs", ignored);
}

std::optional<std::string> repository_around(fs::path directory) {
  for (; !is_repository(directory); directory = directory.parent_path()) {
    if (directory == directory.root_path()) return std::nullopt;
  }
  return history::repo_key(directory);
}

}  // namespace

HistoryAccess::HistoryAccess(const fs::path& directory)
    : state_(state_path()), repository_(repository_around(directory)) {
  const fs::path file = history::database_file(state_);
  if (fs::exists(file)) store_.emplace(file);
}

std::vector<history::RunRow> HistoryAccess::runs(const history::RunQuery& query) {
  if (!store_) return {};
  auto runs = store_->runs(query);
  for (history::RunRow& run : runs) run.interrupted = history::was_interrupted(state_, run);
  return runs;
}

std::vector<history::JobRow> HistoryAccess::jobs(const history::RunRow& run,
                                                 const std::optional<std::string>& name) {
  return store_ ? store_->jobs(run, name) : std::vector<history::JobRow>();
}

PipelineView HistoryAccess::view_of(const history::RunRow& run) {
  return history::view_of(*store_, run, state_);
}

fs::path HistoryAccess::logs_of(const history::RunRow& run) const {
  return history::run_directory(state_, run.info.pipe_id);
}

std::string_view status_of(const history::RunRow& run) {
  return run.interrupted ? "INTERRUPTED" : to_string(run.status);
}

std::string_view dot_of(const history::RunRow& run) {
  return dot(run.interrupted ? Status::cancelled : run.status);
}

Status status_in(const history::RunRow& run, const history::JobRow& job) {
  return run.interrupted && job.state.status == Status::running ? Status::cancelled
                                                                : job.state.status;
}

}  // namespace jci::cli
