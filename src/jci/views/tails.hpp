// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/core/view.hpp"

namespace jci {

/// For the terminal, below the report: why the jobs that failed or timed out did, with the last lines of their logs (at most 20 of
/// each of the first 10 jobs) and how to see the rest. "" if there are none.
///
///     ── PyTest: exit code 1 ──
///     E   assert 1 == 2
///     1 failed in 0.12s
///     (the whole log: jci logs k3j90x2v1a PyTest)
///
std::string render_tails(const PipelineView& view);

}  // namespace jci
