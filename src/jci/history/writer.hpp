// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "jci/core/state.hpp"
#include "jci/history/record.hpp"
#include "jci/history/store.hpp"

namespace jci::history {

/// Brings records into the history on a thread of its own, so that neither a slow disk nor a lock of another process slows
/// the one who adds them. All that is pending goes in one transaction: the busier the run, the fewer transactions.
class Writer {
 public:
  struct Callbacks {
    std::function<void(Store&)> opened;  ///< once, before the first record is written
    std::function<void(const std::string& message)>
        warn;  ///< what is missing in the history, and why
  };

  /// Both callbacks come from the writer's thread; `opened` may throw StoreFailed.
  Writer(std::filesystem::path file, Callbacks callbacks);
  /// As `finish` with no more patience.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Any thread; never waits.
  void add(Record record);

  /// Returns when all is written, or a little after `patience`; warns of what is not. Nothing may be added afterwards.
  void finish(std::chrono::milliseconds patience);

 private:
  void serve();
  void open_early();
  bool gather(std::vector<Record>& batch);
  void try_to_write(std::vector<Record>& batch, bool finishing);
  void write(std::vector<Record>& batch);
  void open();
  bool may_try_again(const StoreFailed& failure, bool finishing);
  void give_up(const StoreFailed& failure);

  std::filesystem::path file_;
  Callbacks callbacks_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Record> pending_;                                    // guarded by mutex_
  bool asleep_ = false;                                            // guarded by mutex_
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // guarded by mutex_; set: finish

  std::optional<Store> store_;  // this and the following: the thread's own
  bool locked_out_ = false;     // another process held the lock: try again at once
  bool gave_up_ = false;        // records are dropped from now on

  std::thread thread_;  // last: it uses the others
};

}  // namespace jci::history
