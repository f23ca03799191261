// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

#include "jci/core/status.hpp"

namespace jci {

/// Finds out why jobs were skipped: which job that ended badly was the first cause.
class Blame {
 public:
  /// Tells how a job ended; parents before their children, stages in order. Returns why it was skipped, "`build` failed",
  /// or nothing if it was not.
  std::string tell(std::size_t stage, const std::string& job, Status status,
                   std::span<const std::string> parents);

 private:
  std::string cause_of(std::size_t stage, std::span<const std::string> parents) const;

  std::unordered_map<std::string, std::string> cause_by_job_;  // of those that ended badly
  std::map<std::size_t, std::string> cause_by_stage_;          // the first of each stage
};

}  // namespace jci
