// SPDX-License-Identifier: MIT
#include "jci/util/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace jci {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: bug: `%s` does not hold\n", file, line, condition);
  std::abort();
}

}  // namespace jci
