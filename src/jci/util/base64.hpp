// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jci {

// Bytes as text: RFC 4648, section 4, and with the alphabet for URLs and file names, section 5. Both are padded.

std::string base64(std::string_view bytes);
std::string base64_url(std::string_view bytes);

/// The inverse of `base64`, also without its padding. Nothing for any other text.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace jci
