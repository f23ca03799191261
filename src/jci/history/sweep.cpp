// SPDX-License-Identifier: MIT
#include "jci/history/sweep.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

#include "jci/history/run_lock.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/hash.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_removed_at_once = 20;

/// What cannot be removed stays, and is tried again the next time.
bool remove_directory(const fs::path& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  return !error;
}

WallTime changed_at(const fs::path& directory) {
  struct stat status{};
  if (::stat(directory.c_str(), &status) != 0) return WallTime::max();
  return std::chrono::system_clock::from_time_t(status.st_mtime);
}

std::vector<fs::path> directories_older_than(const fs::path& parent, WallTime limit) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    if (changed_at(entry.path()) < limit) found.push_back(entry.path());
  }
  return found;
}

/// Left by runs that could not write their history. False where there are more of them.
bool remove_strays(Store& store, const fs::path& state_directory, WallTime limit) {
  std::size_t removed = 0;
  for (const fs::path& directory : directories_older_than(state_directory / "runs", limit)) {
    if (removed == k_removed_at_once) return false;
    const RunQuery of_directory = {.id_prefix = directory.filename().string(), .limit = 1};
    if (!store.runs(of_directory).empty() || RunLock::is_held(directory)) continue;
    remove_directory(directory);
    ++removed;
  }
  return true;
}

/// Its time of change says when `remove_expired` was done.
fs::path mark_of(const fs::path& state_directory, const std::string& repo_root) {
  return state_directory / "tidied" / fmt::format("{:016x}", stable_hash(repo_key(repo_root)));
}

}  // namespace

fs::path database_file(const fs::path& state_directory) { return state_directory / "history.db"; }

fs::path run_directory(const fs::path& state_directory, const std::string& pipe_id) {
  return state_directory / "runs" / pipe_id;
}

bool was_interrupted(const fs::path& state_directory, const RunRow& run) {
  return run.interrupted || (run.status == Status::running &&
                             !RunLock::is_held(run_directory(state_directory, run.info.pipe_id)));
}

void sweep(Store& store, const fs::path& state_directory,
           const std::function<void(const RunRow&)>& clean) {
  for (const RunRow& run : store.runs({.status = Status::running})) {
    if (!was_interrupted(state_directory, run)) continue;
    if (clean) clean(run);
    store.mark_interrupted(run);
  }
}

bool remove_expired(Store& store, const fs::path& state_directory, const std::string& repo_root,
                    const Retention& retention, WallTime now) {
  const std::vector<RunRow> runs = store.runs({.repo_root = repo_key(repo_root)});
  const std::size_t kept = std::min(retention.runs, runs.size());
  std::size_t removed = 0;
  // The oldest first, and the logs first: a row that has lost its logs is removed next time, logs without a row are not found.
  for (std::size_t i = runs.size(); i > kept && removed < k_removed_at_once; --i) {
    const RunRow& run = runs[i - 1];
    if (now - run.started_at < retention.age) break;
    const fs::path directory = run_directory(state_directory, run.info.pipe_id);
    if (RunLock::is_held(directory) || !remove_directory(directory)) continue;
    store.remove(run);
    ++removed;
  }
  const bool no_strays = remove_strays(store, state_directory, now - retention.age);
  return no_strays && removed < k_removed_at_once;
}

void remove_expired_daily(Store& store, const fs::path& state_directory,
                          const std::string& repo_root, const Retention& retention, WallTime now) {
  const fs::path mark = mark_of(state_directory, repo_root);
  const WallTime last = changed_at(mark);  // none, or one from the future: it is time
  if (last <= now && now - last < std::chrono::days(1)) return;
  if (!remove_expired(store, state_directory, repo_root, retention, now)) return;
  std::error_code cannot;  // then it is done again
  fs::create_directories(mark.parent_path(), cannot);
  const Fd touched(
      ::open(mark.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  const timespec when{std::chrono::system_clock::to_time_t(now), 0};
  const std::array<timespec, 2> times{when, when};
  if (touched) ::futimens(touched.get(), times.data());
}

}  // namespace jci::history
