// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <memory>
#include <stdexcept>

#include "jci/secrets/crypto_module.hpp"
#include "jci/util/assert.hpp"

namespace jci::secrets {
namespace {

constexpr std::size_t k_key_size = 32;

template <auto Free>
struct Freed {
  template <class Handle>
  void operator()(Handle* handle) const {
    Free(handle);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;

/// Of memory, a provider that is missing, a policy that forbids a primitive: nothing that an input may cause.
void expect(bool worked) {
  if (worked) return;
  const char* reason = ERR_reason_error_string(ERR_get_error());
  throw std::runtime_error(
      fmt::format("OpenSSL cannot do its part: {}", reason == nullptr ? "no reason" : reason));
}

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

Wiped random_bytes_of_system(std::size_t size) {
  std::string bytes(size, '\0');
  expect(RAND_bytes(out(bytes), static_cast<int>(size)) == 1);
  return Wiped(std::move(bytes));
}

std::string sha512_of(std::string_view bytes) {
  std::string digest(64, '\0');
  expect(EVP_Digest(bytes.data(), bytes.size(), out(digest), nullptr, EVP_sha512(), nullptr) == 1);
  return digest;
}

Wiped hmac_sha256_of(std::string_view key, std::string_view bytes) {
  std::string code(32, '\0');
  // A null pointer would mean the key of the call before.
  const char* start = key.empty() ? "" : key.data();
  expect(HMAC(EVP_sha256(), start, static_cast<int>(key.size()), in(bytes), bytes.size(), out(code),
              nullptr) != nullptr);
  return Wiped(std::move(code));
}

Key private_key(std::string_view scalar) {
  JCI_ASSERT(scalar.size() == k_key_size);
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, in(scalar), scalar.size()));
  expect(key != nullptr);
  return key;
}

std::string x25519_public_of(std::string_view scalar) {
  std::string point(k_key_size, '\0');
  std::size_t size = point.size();
  expect(EVP_PKEY_get_raw_public_key(private_key(scalar).get(), out(point), &size) == 1);
  return point;
}

std::optional<Wiped> x25519_product(std::string_view scalar, std::string_view point) {
  JCI_ASSERT(point.size() == k_key_size);
  const Key ours = private_key(scalar);
  const Key theirs(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, in(point), point.size()));
  const KeyContext context(EVP_PKEY_CTX_new(ours.get(), nullptr));
  expect(theirs && context && EVP_PKEY_derive_init(context.get()) == 1 &&
         EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1);
  std::string product(k_key_size, '\0');
  std::size_t size = product.size();
  if (EVP_PKEY_derive(context.get(), out(product), &size) != 1) {
    ERR_clear_error();  // OpenSSL refuses a product of zero
    return std::nullopt;
  }
  return Wiped(std::move(product));
}

enum class Direction { decrypt = 0, encrypt = 1 };

CipherContext prepare(Direction direction, Cipher cipher, std::string_view key,
                      std::string_view nonce, std::string_view associated) {
  JCI_ASSERT(key.size() == k_key_size && !nonce.empty() && nonce.size() <= 64);
  const EVP_CIPHER* algorithm =
      cipher == Cipher::aes256_gcm ? EVP_aes_256_gcm() : EVP_chacha20_poly1305();
  CipherContext context(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX* raw = context.get();
  const int encrypt = static_cast<int>(direction);
  int written = 0;
  expect(context && EVP_CipherInit_ex(raw, algorithm, nullptr, nullptr, nullptr, encrypt) == 1 &&
         EVP_CIPHER_CTX_ctrl(raw, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()),
                             nullptr) == 1 &&
         EVP_CipherInit_ex(raw, nullptr, nullptr, in(key), in(nonce), encrypt) == 1 &&
         (associated.empty() || EVP_CipherUpdate(raw, nullptr, &written, in(associated),
                                                 static_cast<int>(associated.size())) == 1));
  return context;
}

/// All of `from`, through the cipher; what the cipher holds back it has none of, being a stream's.
std::string through(const CipherContext& context, std::string_view from) {
  std::string bytes(from.size(), '\0');
  int written = 0;
  expect(from.empty() || EVP_CipherUpdate(context.get(), out(bytes), &written, in(from),
                                          static_cast<int>(from.size())) == 1);
  return bytes;
}

std::string seal_with(Cipher cipher, std::string_view key, std::string_view nonce,
                      std::string_view associated, std::string_view plain) {
  const auto context = prepare(Direction::encrypt, cipher, key, nonce, associated);
  std::string sealed = through(context, plain);
  std::string tag(k_tag_size, '\0');
  unsigned char nothing = 0;
  int written = 0;
  expect(EVP_CipherFinal_ex(context.get(), &nothing, &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, k_tag_size, out(tag)) == 1);
  return sealed + tag;
}

std::optional<Wiped> open_with(Cipher cipher, std::string_view key, std::string_view nonce,
                               std::string_view associated, std::string_view sealed) {
  if (sealed.size() < k_tag_size) return std::nullopt;
  const auto context = prepare(Direction::decrypt, cipher, key, nonce, associated);
  std::string tag(sealed.substr(sealed.size() - k_tag_size));
  Wiped plain(through(context, sealed.substr(0, sealed.size() - k_tag_size)));
  unsigned char nothing = 0;
  int written = 0;
  expect(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, k_tag_size, out(tag)) == 1);
  if (EVP_CipherFinal_ex(context.get(), &nothing, &written) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return plain;
}

}  // namespace
}  // namespace jci::secrets

extern "C" const jci::secrets::CryptoModule jci_secrets = {
    .random_bytes = jci::secrets::random_bytes_of_system,
    .sha512 = jci::secrets::sha512_of,
    .hmac_sha256 = jci::secrets::hmac_sha256_of,
    .x25519_public = jci::secrets::x25519_public_of,
    .x25519 = jci::secrets::x25519_product,
    .seal = jci::secrets::seal_with,
    .open = jci::secrets::open_with,
};
