// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <csignal>

namespace jci::python {

/// What the watchdog sends to the main thread. A Python handler turns the first one into an exception where the config hangs.
/// That cannot work while C code holds the GIL, or where the config catches everything: the second one, a moment later, is
/// answered by faulthandler's C handler, which writes the Python stack to stderr; then the process ends with 2.
inline constexpr int k_hang_signal = SIGALRM;
inline constexpr int k_dump_signal = SIGXCPU;

/// Watches this thread until `stop_watching`. Once per process; a forked child is not watched.
void start_watching(std::chrono::milliseconds limit);
/// Is it still watching? The first signal may arrive just after it was told to stop.
bool is_watching();
/// Safe at any time, on any thread of this process; does nothing in a forked child.
void stop_watching();

}  // namespace jci::python
