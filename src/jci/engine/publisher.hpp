// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jci/core/event.hpp"
#include "jci/core/remote.hpp"
#include "jci/core/reporter.hpp"
#include "jci/core/settings.hpp"
#include "jci/core/view.hpp"

namespace jci {

/// How a Publisher goes about its work.
struct Pace {
  Milliseconds interval = std::chrono::seconds(10);  ///< between two reports of progress, at least
  Milliseconds first_wait =
      std::chrono::seconds(1);  ///< before the second try; it doubles from try to try
  Milliseconds patience =
      std::chrono::seconds(5);  ///< with the final report; then it waits for another run

  using Time = std::chrono::steady_clock::time_point;
  /// When patience is over, for a run that ends at `end`. A remote that has not taken anything since `failing_since`, where there is such a time, has
  /// used up some of it, or all but a moment: one that hangs does not hold up whoever waits for the run.
  Time out_of_patience(Time end, std::optional<Time> failing_since) const;
};

/// Where a final report is safe until the remote has it, however this process ends. Called on the Publisher's thread; may throw.
struct Safekeeping {
  /// Keeps it, and returns a name for it; an empty one where it need not be kept.
  std::function<std::string(const Remote& remote, const std::string& report, Status status)> keep =
      {};
  std::function<void(const std::string& name)> drop = {};
};

/// Hands reports to a remote at its own pace: on a thread of its own, the newest in-progress report first, at most one every
/// `interval`; what is overtaken while the remote is busy is never sent. Jobs never wait for a remote, and a
/// remote or reporter that fails changes no outcome. One whose failure may pass is tried again, later and later, and no sooner than it asked
/// for; any other gets only the final report. What remains to be said of failures is what `join` returns.
class Publisher final : public Observer {
 public:
  /// How it went.
  struct Result {
    std::vector<std::string> problems;  ///< a sentence each, for people
    std::string report;                 ///< the final one, as rendered
    bool delivered = false;             ///< that one is where it should be
    bool may_be_later = false;          ///< trying again, later than `patience` lasts, may help
    bool kept = false;                  ///< and so it waits in safekeeping
  };

  /// `now` takes a snapshot; it is called on the Publisher's thread. `remote` and what `now` uses must outlive the Publisher.
  Publisher(std::shared_ptr<Reporter> reporter, Remote& remote, Pace pace,
            std::function<PipelineView()> now, Safekeeping safe = {});
  ~Publisher() override;

  /// Only notes that there is news.
  void on_event(const Event& event) override;

  /// The run is over, and `last` is its end; it may change again after `join`. Does not wait. Called once.
  void end(std::shared_ptr<const PipelineView> last);
  /// Waits until the final report is published or given up, after `patience` and the time that the remote's last answer takes; a remote that
  /// can be interrupted then is. After `end`, once.
  Result join();

 private:
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace jci
