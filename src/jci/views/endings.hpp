// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "jci/core/blame.hpp"
#include "jci/core/event.hpp"

namespace jci {

/// What views have to say of the jobs of a run that ended: why, and how many how.
class Endings {
 public:
  /// `pipeline` must live as long as events are told.
  explicit Endings(const Pipeline& pipeline) : pipeline_(&pipeline) {}

  /// To be told of each job that ended. Returns why it did not pass, on one line: "exit code 1", for a skipped one what kept it from
  /// running: "`build` failed". Nothing if it passed.
  std::string tell(const JobFinished& ended);

  std::size_t count(Status status) const { return counts_[static_cast<std::size_t>(status)]; }
  /// Of those jobs that ended: "10 passed, 1 failed, 2 skipped"; "" if there are none.
  std::string summary() const;

 private:
  const Pipeline* pipeline_;
  Blame blame_;
  std::array<std::size_t, 7> counts_{};
};

}  // namespace jci
