// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jci::secrets {

// The beginning of an age file: https://c2sp.org/age, "Header".

/// For one recipient: the file's key, wrapped in a way that the first argument names.
struct Stanza {
  std::vector<std::string> arguments;  ///< at least one; visible ASCII
  std::string body;

  bool operator==(const Stanza&) const = default;
};

struct Header {
  std::vector<Stanza> stanzas;
  std::string code;             ///< 32 bytes, which say that nobody changed ...
  std::string_view under_code;  ///< ... this part of the file
  std::string_view payload;     ///< what is behind the header
};

/// Only what age itself would write is taken. Throws Error: malformed; unsupported for another version. The header refers to `file`.
Header parse_header(std::string_view file);

/// The part under the code.
std::string header_text(const std::vector<Stanza>& stanzas);

/// Base64 without padding, as headers have it.
std::string unpadded_base64(std::string_view bytes);

}  // namespace jci::secrets
