// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/array.hpp>

#include "jci/core/pipeline.hpp"

namespace jci {

/// The stages that have jobs, with their jobs, as docs/events.md describes them ("The plan").
boost::json::array stages_json(const Pipeline& pipeline);

}  // namespace jci
