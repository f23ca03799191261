// SPDX-License-Identifier: MIT
#pragma once

namespace jci {

// How `jci run` exits, and whatever runs a pipeline. 2 is for a config or usage that is wrong.
inline constexpr int k_passed = 0;
inline constexpr int k_failed = 1;
inline constexpr int k_interrupted = 130;

}  // namespace jci
