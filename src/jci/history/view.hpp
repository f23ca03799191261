// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>

#include "jci/core/view.hpp"
#include "jci/history/store.hpp"

namespace jci::history {

/// The snapshot of a run, rebuilt from what is kept of it, with the last lines of the logs of jobs that failed. A run that goes on is
/// shown as it stands at `now`; jobs that an interrupted one was running are CANCELLED, those it never came to SKIPPED. Of the commit's message
/// only the subject is known; stages without jobs, and the warnings of the run itself, are not kept. Throws StoreFailed.
PipelineView view_of(Store& store, const RunRow& run, const std::filesystem::path& state,
                     WallTime now = std::chrono::system_clock::now());

}  // namespace jci::history
