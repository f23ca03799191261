// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/event.hpp"
#include "jci/core/remote.hpp"
#include "jci/core/reporter.hpp"
#include "jci/core/view.hpp"

namespace jci {
class JsonView;
}

namespace jci::run {

/// What whoever started the run sees of it. For people: progress on stderr, then the report and the last lines of failed jobs on stdout.
/// For programs (`--json`): everything as events on stdout.
class Console {
 public:
  Console(bool json, boost::asio::any_io_executor loop);
  ~Console();

  Observer& view();

  /// For people: where reports go by default, unless that is git alone.
  void tell_of_remotes(const std::vector<std::shared_ptr<Remote>>& remotes);

  /// The last word. A reporter that throws is replaced by the text report and named in a warning.
  void finish(const PipelineView& last, Reporter& reporter, std::vector<std::string> warnings,
              int exit_code);
  /// For people, on stderr, also where stdout has JSON: what turned out after `finish`.
  static void warn(const std::vector<std::string>& warnings);

 private:
  std::unique_ptr<Observer> progress_;
  std::unique_ptr<JsonView> json_;
};

/// `jci plan`: the declared pipeline on stdout, as text or as one JSON object.
void print_plan(const Pipeline& pipeline, std::string_view executor, bool json);

}  // namespace jci::run
