// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jci/core/event.hpp"
#include "jci/core/remote.hpp"
#include "jci/core/reporter.hpp"
#include "jci/core/settings.hpp"
#include "jci/core/view.hpp"

namespace jci {

/// Hands reports to a remote at its own pace: on a thread of its own, the newest in-progress report first, at most one every
/// `interval`; what is overtaken while the remote is busy is never sent. Jobs never wait for a remote, and a
/// remote or reporter that fails changes no outcome: it is skipped for the rest of the progress, tried once more with the final
/// report, and named in what `finish` returns.
class Publisher final : public Observer {
 public:
  /// `now` takes a snapshot; it is called on the Publisher's thread. All references must outlive the Publisher.
  Publisher(Reporter& reporter, Remote& remote, Milliseconds interval,
            std::function<PipelineView()> now);
  ~Publisher() override;

  /// Only notes that there is news.
  void on_event(const Event& event) override;

  /// Publishes the final report and ends the thread, however long a remote takes that keeps its own deadlines. Returns what went
  /// wrong during the run, a sentence each. Does nothing when called again.
  std::vector<std::string> finish(const PipelineView& last);

 private:
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace jci
