// SPDX-License-Identifier: MIT
#pragma once

namespace jci::run {

/// `EXPECTED_JAYPORECI_VERSION` in the environment names the version that a script was written for: exactly, or "latest". Throws BadConfig where
/// this is another one.
void check_expected_version();

}  // namespace jci::run
