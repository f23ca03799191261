// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "jci/core/status.hpp"

namespace jci {

/// Where reports are published. All calls come from the Publisher's thread, one at a time; they may block.
/// A remote that throws is named in the final report and changes nothing else.
class Remote {
 public:
  virtual ~Remote() = default;
  /// For people: "git", "email", ...
  virtual std::string name() const = 0;
  /// Before the first and after the last report.
  virtual void open() {}
  virtual void close() {}
  /// Publishes the newest report; the last call of a run has a final status. Throws RemoteApiFailed.
  virtual void publish(const std::string& report, Status status) = 0;
};

}  // namespace jci
