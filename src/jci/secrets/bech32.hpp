// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jci::secrets {

// Bech32 as BIP 173 defines it, without its limit of 90 characters, which age does not keep.

struct Bech32 {
  std::string prefix;  ///< the human-readable part, in lower case
  std::string bytes;
};

/// In lower case. `prefix` is in lower case too.
std::string to_bech32(std::string_view prefix, std::string_view bytes);

/// Nothing where `text` is none: a typing error is noticed by the checksum.
std::optional<Bech32> from_bech32(std::string_view text);

}  // namespace jci::secrets
