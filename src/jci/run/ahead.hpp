// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <memory>

#include "jci/run/options.hpp"

namespace jci {
class StartedSupervisor;
}

/// What a run takes long to start, and most likely needs, is started before its config is read, which says so.
namespace jci::run {

/// Starts it for the run of `options` in the process `engine`, and tells there what that is; its descriptor is this process's to close. The config most
/// likely uses the executor that it used the last time, as the History has it.
void start_ahead(Options& options, pid_t engine);

/// What has been started, according to `Options::of_process`, for one run of this process: null from the second call on, or where nothing was. Ends
/// with the process where nobody has taken it, once `expect_supervisor` was called.
std::shared_ptr<StartedSupervisor> take_supervisor();
void expect_supervisor();

}  // namespace jci::run
