// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/pybind11.h>

#include <memory>

#include "jci/core/executor.hpp"

namespace jci::python {

class Declaration;

/// Drives an executor written in Python (the methods of `jaypore_ci.interfaces.Executor`).
///
/// All its methods are called on one thread of its own, one at a time: it needs no locks, and the engine never waits for
/// it. `get_status` is asked 10 ms after `run`, then at doubling intervals up to the pipeline's `poll_interval`.
/// What its methods raise ends the job they were called for, with the traceback in that job's log.
class PythonExecutor : public Executor {
 public:
  /// The jobs it will be handed are those of `declaration`.
  virtual void serve(std::weak_ptr<Declaration> declaration) = 0;
};

/// Needs the GIL.
std::shared_ptr<PythonExecutor> make_python_executor(pybind11::object executor);

}  // namespace jci::python
