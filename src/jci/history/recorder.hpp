// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jci/core/event.hpp"
#include "jci/history/store.hpp"
#include "jci/history/sweep.hpp"

namespace jci::history {

/// Keeps one run: its output in files, at once; its jobs and timings in the history, from a thread of its own. What was kept
/// survives the death of this process at any moment; at most the last few milliseconds of the history are missing then.
/// Where something cannot be kept the run goes on without, and a warning says so.
class Recorder : public Observer {
 public:
  struct Options {
    std::filesystem::path state = {};  ///< empty: `state_directory()`
    std::chrono::milliseconds patience =
        std::chrono::seconds(3);  ///< how long the end waits for a locked history
    Retention retention = {};
    /// Removes what an interrupted run may have left behind. Called from the recorder's thread; see `sweep`.
    std::function<void(const RunRow&)> clean = {};
  };

  explicit Recorder(Options options);
  Recorder();
  /// As `finish`.
  ~Recorder() override;

  void on_event(const Event& event) override;

  /// Waits until all is kept, or `patience` is over. Calling it twice is fine.
  void finish();

  /// What could not be kept, and why, in order. Complete after `finish`. Any thread.
  std::vector<std::string> warnings() const;

  /// Lock and logs of this run; empty before RunStarted, and where no directory could be made.
  std::filesystem::path directory() const;
  /// The last `lines` lines of the job's output, at most `max_bytes`; empty if it has none.
  std::string log_tail(const Job& job, std::size_t lines, std::uint64_t max_bytes) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jci::history
