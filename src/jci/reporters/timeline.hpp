// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/core/view.hpp"

namespace jci::report {

/// The class of what the page paints in the colour of a status: "passed", "timeout", ...
std::string class_of(Status status);

/// When each job ran, as an SVG element for an HTML page: a bar per job that has started, from the run's first start on, labelled with
/// its name and time. As wide as there is room; text does not shrink with it. Colours are the page's, see `class_of`. Empty where no job has started.
std::string timeline_svg(const PipelineView& view);

}  // namespace jci::report
