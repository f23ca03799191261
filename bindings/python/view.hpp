// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/pybind11.h>

#include <memory>

#include "jci/core/view.hpp"

namespace jci::python {

/// A snapshot as Python sees it; its parts keep the whole alive.
struct ViewHandle {
  std::shared_ptr<const PipelineView> it;
};
struct JobInView {
  std::shared_ptr<const PipelineView> view;
  const StageView* stage;
  const JobView* job;
};
struct RepoInView {
  std::shared_ptr<const PipelineView> view;
};

/// Needs the GIL.
pybind11::object to_python(PipelineView view);

}  // namespace jci::python
