// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/core/view.hpp"

namespace jci {

/// Pipeline -> text. Pure: the same view gives the same text; no I/O.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual std::string render(const PipelineView& view) = 0;
};

}  // namespace jci
