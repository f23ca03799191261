// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "jci/push/check.hpp"
#include "jci/run/exit_codes.hpp"

namespace jci::cli {

// How commits are checked that are pushed: by `jci run`, in a process of its own for each.

struct CheckSettings {
  std::filesystem::path root;  ///< of the repository
  std::string remote_url;      ///< what is pushed to; empty: origin
};

/// `checks` without those that passed before; says so of each.
std::vector<push::Check> without_passed(const CheckSettings& settings,
                                        std::vector<push::Check> checks);

/// Runs the pipeline of that commit to its end and gives the exit code of `jci run`. Throws std::system_error.
int run_check(const CheckSettings& settings, const push::Check& check);

/// One after the other, up to the first that does not pass; says so. 0: all have passed; 130: interrupted; else 1. Throws std::system_error.
int check_now(const CheckSettings& settings, const std::vector<push::Check>& checks);

/// "passed", "failed", "was interrupted", "could not run", by that exit code.
std::string_view how_it_ended(int code);

/// The end of a sentence: which command, or which file, tells more.
std::string where_to_look(int code, const push::Check& check, const std::filesystem::path& log);

}  // namespace jci::cli
