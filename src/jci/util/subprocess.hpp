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

/// Runs `argv` (found through PATH) to its end, however long that takes, with our standard input and error, and its output among the errors. A Ctrl-C
/// is for the program to answer: it does not end us. Gives its exit code, 128 + N where signal N killed it. Throws std::system_error if it cannot
/// be started.
int run_in_foreground(const std::vector<std::string>& argv);

/// Turns this process into `argv` (found through PATH). Returns never; throws std::system_error if it cannot be started.
[[noreturn]] void become_program(const std::vector<std::string>& argv);

/// What a program said that may take as long as it shows signs of life.
struct Spoken {
  int exit_code = 0;   ///< 128 + N where signal N killed it
  std::string output;  ///< its standard output
  std::string errors;  ///< its standard error
};

/// Whether a program may ask whoever sits at the terminal. One that may not is in a process group of its own, so that all which it
/// started ends with it.
enum class Prompts { no, yes };

/// Runs `argv` (found through PATH) to its end, with nothing as its standard input and with `variables` ("NAME=value") in our
/// environment. Where it says nothing for as long as `silence` it is ended, by SIGTERM and soon after by SIGKILL. Throws
/// std::system_error as `run_subprocess` does.
Spoken run_while_it_speaks(const std::vector<std::string>& argv,
                           const std::vector<std::string>& variables,
                           std::chrono::milliseconds silence, Prompts prompts);

}  // namespace jci
