// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/util/async.hpp"
#include "jci/util/http.hpp"

namespace jci::http {

using boost::system::error_code;

/// Calls `expired` once when `deadline` has come, unless it has ended before.
class Watch {
 public:
  Watch(const boost::asio::any_io_executor& executor, Deadline deadline,
        std::function<void()> expired);
  bool expired() const { return state_ && state_->expired; }

 private:
  struct State {
    boost::asio::steady_timer timer;
    std::function<void()> on_expiry;
    bool expired = false;
  };
  std::shared_ptr<State> state_;  // the timer's handler has a weak one
};

using Pieces = std::vector<boost::asio::const_buffer>;

/// Bytes to and from the server; plain, or through TLS.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual Awaitable<std::pair<error_code, std::size_t>> read_some(std::span<char> space) = 0;
  /// The number is what was sent of `pieces`, also where it failed.
  virtual Awaitable<std::pair<error_code, std::size_t>> write(const Pieces& pieces) = 0;
  virtual void finish_writing() = 0;
  /// Ends reads and writes in progress.
  virtual void close() = 0;
  /// Open, and the server has said nothing: false where an idle one cannot be used again.
  virtual bool quiet() = 0;
};

/// The certificates of `tls`. TLS errors only.
Result<std::shared_ptr<boost::asio::ssl::context>> load_tls(const Tls& tls);

/// `tls` may be null. Tries each address of a name.
Awaitable<Result<std::unique_ptr<Wire>>> connect(
    const Endpoint& endpoint, const std::shared_ptr<boost::asio::ssl::context>& tls,
    Deadline deadline);

/// `error` of something that was tried with a connected server.
Failure to_failure(const error_code& error, bool timed_out, const Endpoint& endpoint,
                   std::string_view action);

}  // namespace jci::http
