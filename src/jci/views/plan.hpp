// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "jci/core/pipeline.hpp"

namespace jci {

/// What `jci plan` shows: stages in the order in which they run, and of each job image, timeout, parents and whether it is a service.
///
///     2 stages, 3 jobs
///
///     build
///       Image      image arjoonn/jci  timeout 15 min
///     checking
///       IntTest    image app_dev      timeout 15 min
///       FuzzTest   image app_dev      timeout 1 h     after IntTest
///
std::string render_plan(const Pipeline& pipeline);

/// The same for programs, and the name of what would run it: one line, described in docs/events.md ("The plan").
std::string render_plan_json(const Pipeline& pipeline, std::string_view executor);

}  // namespace jci
