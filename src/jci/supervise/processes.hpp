// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <vector>

namespace jci::supervise {

/// The children of this process, ended ones that wait to be reaped included. Cheap where the kernel lists them
/// (proc_pid_task_children(5)), else by a walk over /proc. Exact, as this process has one thread and reaps by itself.
std::vector<pid_t> own_children();

/// All processes below `root`, without it. A snapshot: they may fork and end meanwhile.
std::vector<pid_t> descendants(pid_t root);

}  // namespace jci::supervise
