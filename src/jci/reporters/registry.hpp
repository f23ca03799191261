// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/reporter.hpp"

namespace jci {

/// "text", "markdown", "json", "junit" and "html".
std::vector<std::string> reporter_names();

/// Throws BadConfig for a name that is not among them.
std::unique_ptr<Reporter> reporter_named(std::string_view name);

}  // namespace jci
