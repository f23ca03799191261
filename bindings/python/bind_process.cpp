// SPDX-License-Identifier: MIT
#include <chrono>

#include "convert.hpp"
#include "jci/run/ahead.hpp"
#include "jci/run/handover.hpp"
#include "jci/run/options.hpp"
#include "jci/version.hpp"
#include "rooms.hpp"
#include "watchdog.hpp"

namespace jci::python {

void bind_process(py::module_& module) {
  module.attr("VERSION") = JCI_VERSION;
  module.attr("HANG_SIGNAL") = k_hang_signal;
  module.attr("DUMP_SIGNAL") = k_dump_signal;
  module.def("start_watching", [](double seconds) {
    start_watching(std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::duration<double>(seconds)));
  });
  module.def("is_watching", &is_watching);
  module.def("stop_watching", &stop_watching);
  module.def("take_options", [] {
    const auto check = [] {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    };
    run::hear_interrupts();
    check();
    const auto failed = run::await_preparation(check);
    if (failed) {
      PyErr_SetObject(PyExc_SystemExit, py::int_(*failed).ptr());
      throw py::error_already_set();
    }
    run::expect_supervisor();
    const run::Options& options = run::Options::of_process();
    return py::make_tuple(to_text(options.config), to_text(options.workspace));
  });
}

}  // namespace jci::python
