// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "jci/executors/docker/docker.hpp"

namespace jci::docker {

/// "failed", "all" or "never". Throws BadConfig for another name.
DockerOptions::Keep keep_named(std::string_view name);

}  // namespace jci::docker
