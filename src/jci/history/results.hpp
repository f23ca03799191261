// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "jci/core/state.hpp"

namespace jci::history {

// What a job found out beyond how it ended (tests, coverage, warnings), as the history keeps it: a JSON object with those of
// `tests`, `coverage` and `warnings` that there are.

/// "" where there is nothing. Bytes that are not UTF-8 become U+FFFD.
std::string results_to_text(const JobState& state);

/// Puts them into `state`. What this version does not understand is left out.
void results_from_text(std::string_view text, JobState& state);

}  // namespace jci::history
