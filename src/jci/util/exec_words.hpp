// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace jci {

// What exec(3) takes.

/// Pointers, and a null pointer at the end. `texts` must outlive them.
std::vector<char*> pointers_to(const std::vector<std::string>& texts);

/// Our environment with `variables` ("NAME=value") in it, in place of those of the same names.
std::vector<std::string> environment_with(const std::vector<std::string>& variables);

}  // namespace jci
