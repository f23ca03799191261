// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/executors/docker/client.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

/// The program of the image that containers of our own run (see inside/main.cpp).
inline constexpr const char* k_inside_program = "/jci-inside";

/// Sees to it that the engine has that image, which no registry is needed for, and returns its name. Throws std::runtime_error where our own
/// installation lacks it.
Awaitable<Answer<std::string>> ensure_inside_image(Client& client);

}  // namespace jci::docker
