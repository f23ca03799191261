// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "jci/core/event.hpp"
#include "jci/core/outcome.hpp"
#include "jci/core/state.hpp"
#include "jci/core/status.hpp"
#include "jci/history/record.hpp"

namespace jci::history {

/// One run as the history has it.
struct RunRow {
  std::int64_t id = 0;  ///< of this store alone; people use `info.pipe_id`
  RunInfo info;         ///< `commit_message` is the subject only
  WallTime started_at;
  std::optional<WallTime> ended_at;
  Status status = Status::pending;
  bool interrupted = false;  ///< its process died before the run's end
};

/// One job of a run.
struct JobRow {
  JobId job = 0;
  std::string name;
  std::string stage;
  std::string image;
  bool is_service = false;
  std::vector<JobId> depends_on;
  JobState state;  ///< as last known: in an interrupted run it may be RUNNING for ever
};

/// Which runs. An absent field does not restrict.
struct RunQuery {
  std::optional<std::string> repo_root = std::nullopt;  ///< as `repo_key` writes it
  std::optional<Status> status = std::nullopt;
  std::optional<std::string> id_prefix = std::nullopt;  ///< of the pipe_id or of the sha
  std::optional<std::string> has_job = std::nullopt;    ///< the name of one of its jobs
  std::size_t limit = SIZE_MAX;
  std::optional<std::string> branch = std::nullopt;
  std::optional<WallTime> started_before = std::nullopt;
};

/// How a repository is named in the history: absolute, without symbolic links or a trailing slash; empty stays empty.
std::string repo_key(const std::filesystem::path& root);

/// The history cannot be read or written. The message names the file and says what to do.
struct StoreFailed : std::runtime_error {
  enum class Why {
    busy,     ///< another process holds the lock: it may work later
    newer,    ///< a newer version of ours wrote it
    damaged,  ///< not a database, or not sound any more
    other,    ///< the disk, permissions
  };
  StoreFailed(Why reason, const std::string& message) : runtime_error(message), why(reason) {}
  Why why;
};

/// The runs so far, in one SQLite file that any number of processes use at once. One thread at a time. All
/// members throw StoreFailed.
class Store {
 public:
  /// Opens the file, making and migrating it as needed. `patience`: how long each call waits for locks.
  explicit Store(const std::filesystem::path& file,
                 std::chrono::milliseconds patience = std::chrono::seconds(5));
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  /// Writes them in one transaction: all or, where it throws, nothing. Records of jobs belong to the last RunBegan.
  void write(std::span<const Record> records);

  /// Newest first.
  std::vector<RunRow> runs(const RunQuery& query);
  /// In order of declaration; only the one of this name where there is one.
  std::vector<JobRow> jobs(const RunRow& run,
                           const std::optional<std::string>& name = std::nullopt);

  void mark_interrupted(const RunRow& run);
  void remove(const RunRow& run);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jci::history
