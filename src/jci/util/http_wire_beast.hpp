// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string_view>

#include "jci/util/async.hpp"
#include "jci/util/http.hpp"
#include "jci/util/http_wire.hpp"
#include "jci/util/tls_module.hpp"

namespace jci::http {

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

/// `tls` may be null. Tries each address of a name.
Awaitable<Result<std::unique_ptr<Wire>>> connect(const Endpoint& endpoint,
                                                 const std::shared_ptr<TlsContext>& tls,
                                                 Deadline deadline);

/// `error` of something that was tried with a connected server.
Failure to_failure(const error_code& error, bool timed_out, const Endpoint& endpoint,
                   std::string_view action);

}  // namespace jci::http
