// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "jci/core/reporter.hpp"

namespace jci {

/// The report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere, which it also forbids by its
/// Content-Security-Policy. Light or dark as the reader's system is, from a phone's width up; a timeline of the jobs (SVG), the jobs of
/// each stage, their failing tests, and the ends of logs, collapsed.
std::unique_ptr<Reporter> make_html_reporter();

}  // namespace jci
