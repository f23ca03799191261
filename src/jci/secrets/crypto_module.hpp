// SPDX-License-Identifier: MIT
#pragma once

#include "jci/secrets/crypto.hpp"

namespace jci::secrets {

/// What libjci_secrets.so, which brings OpenSSL, is loaded for; see crypto.hpp.
struct CryptoModule {
  Wiped (*random_bytes)(std::size_t size);
  std::string (*sha512)(std::string_view bytes);
  Wiped (*hmac_sha256)(std::string_view key, std::string_view bytes);
  std::string (*x25519_public)(std::string_view scalar);
  std::optional<Wiped> (*x25519)(std::string_view scalar, std::string_view point);
  std::string (*seal)(Cipher cipher, std::string_view key, std::string_view nonce,
                      std::string_view associated, std::string_view plain);
  std::optional<Wiped> (*open)(Cipher cipher, std::string_view key, std::string_view nonce,
                               std::string_view associated, std::string_view sealed);
};

}  // namespace jci::secrets

extern "C" const jci::secrets::CryptoModule jci_secrets;
