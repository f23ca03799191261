// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

#include "jci/core/event.hpp"

namespace jci {

/// `jci run --json`: one event per line for programs, as docs/events.md describes them.
class JsonView : public Observer {
 public:
  /// After RunFinished: writes the `report` event and, as the last line, `run_finished`. Its presence says that the run was carried out.
  virtual void finish(const std::string& report, int exit_code) = 0;
};

/// `loop` is the engine's, which must outlive the view; `fd` stays the caller's.
std::unique_ptr<JsonView> make_json_view(boost::asio::any_io_executor loop, int fd);

}  // namespace jci
