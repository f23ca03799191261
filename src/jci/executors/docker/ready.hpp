// SPDX-License-Identifier: MIT
#pragma once

#include "jci/executors/docker/options.hpp"
#include "jci/executors/docker/reading.hpp"

namespace jci::docker {

/// Reads `ready=`: a port (5432), a command ("pg_isready" for `/bin/sh -c`, a list as the argv), a URL of the container itself
/// ("http://:8080/health") or a dict with `command`, or with `port` and perhaps `path`. Throws BadConfig for anything else.
Ready read_ready(const Reading& argument);

}  // namespace jci::docker
