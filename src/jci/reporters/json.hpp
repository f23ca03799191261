// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "jci/core/reporter.hpp"

namespace jci {

/// The report for programs: one JSON object on one line, described by `docs/report.schema.json`; its `v` grows when a field changes its
/// meaning or goes. Bytes that are not UTF-8 are U+FFFD; otherwise text is as it was, escape sequences included.
std::unique_ptr<Reporter> make_json_reporter();

}  // namespace jci
