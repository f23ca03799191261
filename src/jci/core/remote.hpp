// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "jci/core/reporter.hpp"
#include "jci/core/view.hpp"

namespace jci {

/// Where reports are published. All calls but `interrupt` come from the Publisher's thread, one at a time; they may block.
/// A remote that throws is named in the final report and changes nothing else.
class Remote {
 public:
  virtual ~Remote() = default;
  /// For people: "git", "email", ...
  virtual std::string name() const = 0;
  /// What this remote shows best, where the config names no reporter. Null: the default one.
  virtual std::shared_ptr<Reporter> preferred_reporter() const { return nullptr; }
  /// What this remote is told in, whatever the config says. Null: it takes what it is given.
  virtual std::shared_ptr<Reporter> own_reporter() const { return nullptr; }
  /// Whether a report of `view` is for this remote; one that is not is neither rendered nor published. May throw as `publish` does.
  virtual bool wants(const PipelineView& /*view*/) { return true; }
  /// Before the first and after the last report.
  virtual void open() {}
  virtual void close() {}
  /// Publishes the newest report, and whatever else of `view`, which it was rendered from, this remote can show. The last call of a run
  /// has a final status. Throws RemoteApiFailed.
  virtual void publish(const std::string& report, const PipelineView& view) = 0;
  /// Where it publishes to and which of its messages is this run's, as a line from which another process can make a remote that goes on where
  /// this one stopped (remotes/registry.hpp). No secret is in it. Empty: its reports cannot be left to another process. Asked between calls.
  virtual std::string address() const { return {}; }
  /// Nobody waits any longer for a call that is under way on the other thread: it should fail soon, and so should all later ones.
  virtual void interrupt() {}
};

}  // namespace jci
