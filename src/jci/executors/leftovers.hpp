// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace jci {

/// For when a supervisor was killed, which else leaves nothing behind: kills the processes of the run `pipe_id`, told by the variable
/// k_job_marker that they were started with, and waits for their end (at most two seconds each). Returns how many there were. Reads
/// all of /proc: some milliseconds.
std::size_t kill_leftovers(std::string_view pipe_id);

}  // namespace jci
