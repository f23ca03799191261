// SPDX-License-Identifier: MIT
#include "jci/run/expected_version.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/version.hpp"

namespace jci::run {

void check_expected_version() {
  const char* const expected = std::getenv("EXPECTED_JAYPORECI_VERSION");
  if (expected == nullptr || *expected == '\0') return;
  if (const std::string_view version = expected; version == "latest" || version == JCI_VERSION)
    return;
  throw BadConfig(
      fmt::format("EXPECTED_JAYPORECI_VERSION asks for Jaypore CI {}, and this is {}: install that "
                  "one, or change the line (it may be in `cicd/pre-push.sh`)",
                  ticked(expected), ticked(JCI_VERSION)));
}

}  // namespace jci::run
