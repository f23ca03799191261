// SPDX-License-Identifier: MIT
#include "jci/core/status.hpp"
#include "rooms.hpp"

namespace jci::python {

namespace py = pybind11;

void bind_status(py::module_& module) {
  py::enum_<Status>(module, "Status", "Where a job, a stage or a pipeline stands.")
      .value("PENDING", Status::pending, "not started yet")
      .value("RUNNING", Status::running, "started, not ended")
      .value("FAILED", Status::failed, "ended with anything but success, or could not be started")
      .value("PASSED", Status::passed, "ended well; a service: up, or ended with 0")
      .value("TIMEOUT", Status::timeout, "took longer than its `timeout` and was stopped")
      .value("SKIPPED", Status::skipped,
             "will never run: a parent or an earlier stage did not pass")
      .value("CANCELLED", Status::cancelled, "was running when the run was interrupted");
}

}  // namespace jci::python
