// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jci {

/// The ways in which programs write `secret`: as it is, in base64 of either alphabet (also amid other bytes), in hexadecimal digits, in a URL or
/// a form (RFC 3986 2.1), in JSON, HTML and a shell's quotes; of several lines also each by itself. Nothing twice; nothing for "".
std::vector<std::string> spellings(std::string_view secret);

}  // namespace jci
