// SPDX-License-Identifier: MIT
#include "jci/secrets/crypto.hpp"

#include "jci/secrets/crypto_module.hpp"
#include "jci/util/module.hpp"

namespace jci::secrets {
namespace {

constinit const Module<CryptoModule> openssl{"libjci_secrets.so", "jci_secrets"};

}  // namespace

Wiped random_bytes(std::size_t size) { return openssl->random_bytes(size); }

std::string sha512(std::string_view bytes) { return openssl->sha512(bytes); }

Wiped hmac_sha256(std::string_view key, std::string_view bytes) {
  return openssl->hmac_sha256(key, bytes);
}

Wiped hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info) {
  const Wiped extracted = hmac_sha256(salt, secret);
  return hmac_sha256(extracted.view(), std::string(info) + '\x01');
}

std::string x25519_public(std::string_view scalar) { return openssl->x25519_public(scalar); }

std::optional<Wiped> x25519(std::string_view scalar, std::string_view point) {
  return openssl->x25519(scalar, point);
}

std::string seal(Cipher cipher, std::string_view key, std::string_view nonce,
                 std::string_view associated, std::string_view plain) {
  return openssl->seal(cipher, key, nonce, associated, plain);
}

std::optional<Wiped> open_sealed(Cipher cipher, std::string_view key, std::string_view nonce,
                                 std::string_view associated, std::string_view sealed) {
  return openssl->open(cipher, key, nonce, associated, sealed);
}

bool same_bytes(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    difference |= static_cast<unsigned char>(one[i] ^ other[i]);
  return difference == 0;
}

}  // namespace jci::secrets
