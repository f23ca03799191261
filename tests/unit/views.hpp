// SPDX-License-Identifier: MIT
#pragma once

#include "jci/core/view.hpp"

namespace jci::test {

/// A pipeline of which nothing is known but how it stands.
inline PipelineView view_with(Status status) {
  PipelineView view;
  view.status = status;
  return view;
}

}  // namespace jci::test
