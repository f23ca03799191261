// SPDX-License-Identifier: MIT
#pragma once

#include <future>
#include <string>
#include <vector>

#include "jci/engine/engine.hpp"

namespace jci::run {

/// The removal of what a run left, which goes on beside the making of its report.
class Tidying {
 public:
  /// Begins. `engine`, whose run has ended, must outlive this and not be asked to run meanwhile.
  explicit Tidying(Engine& engine);

  /// Waits for its end, and says so where that takes long. Returns, for people, what could not be removed. Who interrupts it
  /// ends the process, with exit code 130: what is left then is the next run's to remove.
  std::vector<std::string> wait();

 private:
  std::future<std::vector<std::string>> end_;
};

}  // namespace jci::run
