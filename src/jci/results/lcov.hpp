// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "jci/results/results.hpp"

namespace jci::results {

/// lcov's tracefile, see geninfo(1): a record a source file, with `LF:` its lines and `LH:` those executed, or a `DA:line,hits` each.
/// Throws std::runtime_error for a text without any record.
Lines parse_lcov(std::string_view text);

}  // namespace jci::results
