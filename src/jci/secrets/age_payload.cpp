// SPDX-License-Identifier: MIT
#include "jci/secrets/age_payload.hpp"

#include <cstdint>

#include "jci/secrets/crypto.hpp"
#include "jci/secrets/error.hpp"

namespace jci::secrets {
namespace {

constexpr std::size_t k_salt_size = 16;
constexpr std::size_t k_chunk_size = std::size_t{64} << 10;
constexpr std::size_t k_sealed_chunk_size = k_chunk_size + k_tag_size;

Wiped payload_key(std::string_view file_key, std::string_view salt) {
  return hkdf_sha256(file_key, salt, "payload");
}

/// Eleven bytes of counter, big endian, and one that marks the last chunk: no chunk can be moved or left out.
std::string chunk_nonce(std::uint64_t counter, bool is_last) {
  std::string nonce(12, '\0');
  for (std::size_t i = 0; i < 8; ++i) nonce[10 - i] = static_cast<char>(counter >> 8 * i & 0xff);
  nonce[11] = is_last ? '\x01' : '\x00';
  return nonce;
}

}  // namespace

std::string seal_payload(std::string_view file_key, std::string_view plain) {
  std::string payload = random_bytes(k_salt_size).text();
  const Wiped key = payload_key(file_key, payload);
  for (std::uint64_t counter = 0;; ++counter) {
    const std::string_view chunk = plain.substr(0, k_chunk_size);
    plain.remove_prefix(chunk.size());
    const std::string nonce = chunk_nonce(counter, plain.empty());
    payload += seal(Cipher::chacha20_poly1305, key.view(), nonce, {}, chunk);
    if (plain.empty()) return payload;
  }
}

Wiped open_payload(std::string_view file_key, std::string_view payload) {
  if (payload.size() < k_salt_size + k_tag_size)
    throw Error(Problem::tampered, "the content of an age file is cut off");
  const Wiped key = payload_key(file_key, payload.substr(0, k_salt_size));
  payload.remove_prefix(k_salt_size);
  std::string plain;
  plain.reserve(payload.size());  // so that it never moves and leaves a copy
  for (std::uint64_t counter = 0;; ++counter) {
    const std::string_view chunk = payload.substr(0, k_sealed_chunk_size);
    payload.remove_prefix(chunk.size());
    const std::string nonce = chunk_nonce(counter, payload.empty());
    const auto opened = open_sealed(Cipher::chacha20_poly1305, key.view(), nonce, {}, chunk);
    const bool is_needless = opened && opened->view().empty() && counter > 0;
    if (!opened || is_needless) {
      wipe(plain);
      throw Error(Problem::tampered, "the content of an age file was changed or cut off");
    }
    plain += opened->view();
    if (payload.empty()) return Wiped(std::move(plain));
  }
}

}  // namespace jci::secrets
