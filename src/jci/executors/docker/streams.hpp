// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <memory>
#include <optional>
#include <string>

#include "jci/executors/docker/answers.hpp"
#include "jci/executors/docker/error.hpp"
#include "jci/executors/docker/frames.hpp"
#include "jci/util/async.hpp"
#include "jci/util/http.hpp"

namespace jci::docker {

// Answers that come as things happen. Each may take any time, holds a connection, and closes it when it ends or is cancelled.

/// Output of a container as it comes.
class OutputStream {
 public:
  OutputStream(std::unique_ptr<http::Exchange> exchange, bool terminal);
  /// Hands all output to `sink`, until there is no more: the container has ended, or for `logs` without follow the log has.
  /// Refused with status 200: the engine could not read on.
  Awaitable<Answer<void>> read(const OutputSink& sink);

 private:
  std::unique_ptr<http::Exchange> exchange_;
  bool terminal_;
  FrameDecoder frames_;
};

struct Ending {
  int exit_code = 0;
  std::string
      error;  ///< of the engine, such as why the container could not be waited for; mostly empty
};

/// A container being waited for. The engine watches it from the moment this object is there.
class Waiting {
 public:
  explicit Waiting(std::unique_ptr<http::Exchange> exchange);
  Awaitable<Answer<Ending>> ended();

 private:
  std::unique_ptr<http::Exchange> exchange_;
};

/// What happens in the engine. It tells all from the moment this object is there.
class EventStream {
 public:
  explicit EventStream(std::unique_ptr<http::Exchange> exchange);
  /// The next one; nothing where the engine ended the stream in good order.
  Awaitable<Answer<std::optional<boost::json::object>>> next();

 private:
  std::unique_ptr<http::Exchange> exchange_;
  std::unique_ptr<JsonStream> events_;
};

}  // namespace jci::docker
