// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "jci/secrets/wiped.hpp"

namespace jci::secrets {

// The content of an age file: https://c2sp.org/age, "Payload"; the STREAM construction, in chunks of 64 KiB.

std::string seal_payload(std::string_view file_key, std::string_view plain);

/// Throws Error: tampered, also where it is cut off.
Wiped open_payload(std::string_view file_key, std::string_view payload);

}  // namespace jci::secrets
