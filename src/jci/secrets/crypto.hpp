// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "jci/secrets/wiped.hpp"

namespace jci::secrets {

// The primitives that age and SOPS are made of, on bytes. OpenSSL has them: libjci_secrets.so is loaded with the first call, which may throw
// std::runtime_error as `load_symbol` does. A failure of OpenSSL itself throws std::runtime_error too.

/// From the system's generator.
Wiped random_bytes(std::size_t size);

/// 64 bytes.
std::string sha512(std::string_view bytes);

/// 32 bytes.
Wiped hmac_sha256(std::string_view key, std::string_view bytes);

/// The first 32 bytes that HKDF of RFC 5869 gives with SHA-256.
Wiped hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info);

/// RFC 7748, section 5, on 32 bytes each. `x25519`: nothing for a point of low order, whose product says nothing about the scalar.
std::string x25519_public(std::string_view scalar);
std::optional<Wiped> x25519(std::string_view scalar, std::string_view point);

enum class Cipher { chacha20_poly1305, aes256_gcm };

inline constexpr std::size_t k_tag_size = 16;

/// The encrypted bytes with the tag behind them. `key`: 32 bytes; `nonce`: 12 bytes, with AES 1 to 64.
std::string seal(Cipher cipher, std::string_view key, std::string_view nonce,
                 std::string_view associated, std::string_view plain);

/// The inverse; nothing where the tag does not fit.
std::optional<Wiped> open_sealed(Cipher cipher, std::string_view key, std::string_view nonce,
                                 std::string_view associated, std::string_view sealed);

/// Compares in a time that does not depend on the bytes.
bool same_bytes(std::string_view one, std::string_view other);

}  // namespace jci::secrets
