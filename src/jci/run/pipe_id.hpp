// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace jci::run {

/// A new id for a run: 10 characters of [0-9a-z], six that grow with time (seconds; ids sort by age for the next 69 years) and
/// four from the kernel's random source, so that runs started at once on one machine or on several differ.
std::string new_pipe_id();

}  // namespace jci::run
