// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <utility>

namespace jci {

/// How hard a job is asked to stop. Only ever grows.
enum class StopLevel {
  none,
  stop,  ///< end it: ask it first, kill what is left after the grace period
  kill,  ///< end it at once
};

/// Tells one running job to stop. Owned by the engine; the executor hears of it on the engine thread.
/// An explicit signal instead of cancelled waits: a job that is being stopped still needs its waits, to see it end.
class StopSignal {
 public:
  StopLevel level() const { return level_; }

  /// `heard` is called at each raise, and at once if it was raised before. One listener; an empty one detaches.
  void listen(std::function<void(StopLevel)> heard) {
    heard_ = std::move(heard);
    if (heard_ && level_ != StopLevel::none) heard_(level_);
  }

  /// Does nothing unless `level` is higher than before.
  void raise(StopLevel level) {
    if (level <= level_) return;
    level_ = level;
    if (heard_) heard_(level_);
  }

 private:
  StopLevel level_ = StopLevel::none;
  std::function<void(StopLevel)> heard_;
};

}  // namespace jci
