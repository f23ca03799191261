// SPDX-License-Identifier: MIT
#pragma once

namespace jci {

/// Prints where and what to stderr, then aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace jci

/// States what only a bug of ours could break. Checked in release builds too: going on would harm
/// more than stopping.
#define JCI_ASSERT(condition) \
  (static_cast<bool>(condition) ? void() : ::jci::assertion_failed(#condition, __FILE__, __LINE__))
