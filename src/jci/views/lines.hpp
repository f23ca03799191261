// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>

#include "jci/core/event.hpp"

namespace jci {

/// Progress for pipes and logs: one line for each event, beginning with the local time. What jobs print is not shown.
///
///     12:03:04 run       k3j90x2v1a: 3 jobs of edcb193bae (main), executor shell
///     12:03:04 started   PyTest [28d4985f]
///     12:03:19 failed    PyTest 0:15 exit code 1
///     12:03:19 skipped   Publish: `PyTest` failed
///     12:03:19 finished  failed in 15.2 s: 1 passed, 1 failed, 1 skipped
///
/// `loop` is the engine's, which must outlive the view; `fd` stays the caller's.
std::unique_ptr<Observer> make_lines_view(boost::asio::any_io_executor loop, int fd);

}  // namespace jci
