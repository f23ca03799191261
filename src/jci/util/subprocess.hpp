// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace jci {

/// What a small helper program said.
struct Finished {
  int exit_code = 0;   ///< 128 + N where signal N killed it
  std::string output;  ///< its standard output
};

/// Runs `argv` (found through PATH) to its end with `input`, of at most 4 KiB, as its standard input; its standard error is ours.
/// Past `deadline` it is killed. Throws std::system_error if it cannot be started, or with `std::errc::timed_out`.
Finished run_subprocess(const std::vector<std::string>& argv, std::chrono::milliseconds deadline,
                        std::string_view input = {});

}  // namespace jci
