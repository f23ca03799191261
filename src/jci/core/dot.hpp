// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "jci/core/status.hpp"

namespace jci {

/// The coloured sign, two columns wide, by which reports and progress show a status.
std::string_view dot(Status status);

}  // namespace jci
