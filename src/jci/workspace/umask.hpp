// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

namespace jci::workspace {

/// This process's umask, read without changing it: umask(2) can only be asked by setting it, which other threads would notice.
mode_t current_umask();

}  // namespace jci::workspace
