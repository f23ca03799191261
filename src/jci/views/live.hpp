// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

#include "jci/core/event.hpp"

namespace jci {

/// Progress for a terminal. Jobs that ended scroll up and stay; below them the running ones with their times, as many as fit, and
/// one line of numbers:
///
///     🟢 Black              0: 3
///     🔴 PyTest             0:15 exit code 1
///     🟡 IntTest            0:12
///     🟡 FuzzTest           0: 2
///     ... and 7 more
///     9 running, 3 waiting, 1 passed, 1 failed 0:15
///
/// Redrawn once a second while something runs, at most ten times a second where much happens, each time by one write. The
/// cursor stays visible and stands below the last line, so that nothing has to be put back whenever and however the
/// program ends. There are no colours but those of the dots. RunFinished leaves only the jobs that ended; later warnings
/// are added to them.
///
/// `loop` is the engine's, which must outlive the view; `fd` is a terminal and stays the caller's. `now` is the clock of the times.
std::unique_ptr<Observer> make_live_view(
    boost::asio::any_io_executor loop, int fd,
    std::function<WallTime()> now = &std::chrono::system_clock::now);

}  // namespace jci
