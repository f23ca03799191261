// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace jci::secrets {

// The text form of an age file: https://c2sp.org/age, "ASCII armor"; strict PEM as RFC 7468 defines it.

std::string armor(std::string_view file);

/// The inverse. Space and line ends around the text do not count. Throws Error: malformed.
std::string dearmor(std::string_view text);

}  // namespace jci::secrets
