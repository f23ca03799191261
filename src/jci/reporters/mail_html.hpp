// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/core/view.hpp"

namespace jci::report {

/// The report as the HTML part of a mail: what failed first, with the ends of logs, then a row for each job. Mail clients know tables and styles on
/// each element but no style sheets, pictures from elsewhere or scripts, so there are none. Shorter than 100,000 bytes, for some clients cut what is longer:
/// the last jobs are counted instead, and logs shortened. Pure.
std::string mail_html(const PipelineView& view);

}  // namespace jci::report
