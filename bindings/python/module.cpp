// SPDX-License-Identifier: MIT
#include "rooms.hpp"

PYBIND11_MODULE(_core, module) {
  using namespace jci::python;
  module.doc() = "The C++ half of jaypore_ci. Its public names are in the modules beside it.";
  bind_errors(module);
  bind_status(module);
  bind_repos(module);
  bind_remotes(module);
  bind_when(module);
  bind_view(module);
  bind_reporters(module);
  bind_executors(module);
  bind_pipeline(module);
  bind_process(module);
}
