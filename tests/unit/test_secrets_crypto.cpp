// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "jci/secrets/crypto.hpp"

namespace jci::secrets {
namespace {

std::string bytes(std::string_view hex) {
  std::string all;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    all += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return all;
}

TEST(SecretsCrypto, ExchangesKeysAsRfc7748Does) {
  const Wiped one = random_bytes(32);
  const Wiped other = random_bytes(32);
  const auto shared = x25519(one.view(), x25519_public(other.view()));
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared, x25519(other.view(), x25519_public(one.view())));
  // RFC 7748, 5.2, the first vector.
  EXPECT_EQ(x25519(bytes("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                   bytes("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
            Wiped(bytes("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")));
}

TEST(SecretsCrypto, RefusesAPointThatTellsNothing) {
  EXPECT_FALSE(x25519(random_bytes(32).view(), std::string(32, '\0')));
}

TEST(SecretsCrypto, DerivesKeysAsRfc5869Does) {
  EXPECT_EQ(hkdf_sha256(bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                        bytes("000102030405060708090a0b0c"), bytes("f0f1f2f3f4f5f6f7f8f9")),
            Wiped(bytes("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")));
  EXPECT_EQ(hkdf_sha256(std::string(22, '\x0b'), "", ""),
            Wiped(bytes("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")));
}

TEST(SecretsCrypto, SealsAsRfc8439Does) {
  const std::string key = bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const std::string nonce = bytes("070000004041424344454647");
  const std::string associated = bytes("50515253c0c1c2c3c4c5c6c7");
  const std::string plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.";
  const std::string sealed = seal(Cipher::chacha20_poly1305, key, nonce, associated, plain);
  EXPECT_TRUE(sealed.starts_with(bytes("d31a8d34648e60db7b86afbc53ef7ec2")));
  EXPECT_TRUE(sealed.ends_with(bytes("1ae10b594f09e26a7e902ecbd0600691")));
  EXPECT_EQ(open_sealed(Cipher::chacha20_poly1305, key, nonce, associated, sealed), Wiped(plain));
}

TEST(SecretsCrypto, OpensOnlyWhatNobodyChanged) {
  const Wiped key = random_bytes(32);
  for (const Cipher cipher : {Cipher::chacha20_poly1305, Cipher::aes256_gcm}) {
    const std::string nonce(12, 'n');
    const std::string sealed = seal(cipher, key.view(), nonce, "tie", "text");
    EXPECT_EQ(open_sealed(cipher, key.view(), nonce, "tie", sealed), Wiped("text"));
    EXPECT_FALSE(open_sealed(cipher, key.view(), nonce, "tied", sealed));
    EXPECT_FALSE(open_sealed(cipher, random_bytes(32).view(), nonce, "tie", sealed));
    EXPECT_FALSE(open_sealed(cipher, key.view(), std::string(12, 'm'), "tie", sealed));
    EXPECT_FALSE(open_sealed(cipher, key.view(), nonce, "tie", sealed.substr(0, 15)));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(open_sealed(cipher, key.view(), nonce, "tie", changed)) << i;
    }
  }
}

TEST(SecretsCrypto, TakesNoncesAsLongAsThoseOfSops) {
  const Wiped key = random_bytes(32);
  const std::string nonce(32, 'n');
  const std::string sealed = seal(Cipher::aes256_gcm, key.view(), nonce, "", "");
  EXPECT_EQ(sealed.size(), k_tag_size);
  EXPECT_EQ(open_sealed(Cipher::aes256_gcm, key.view(), nonce, "", sealed), Wiped());
  EXPECT_FALSE(open_sealed(Cipher::aes256_gcm, key.view(), nonce.substr(1), "", sealed));
}

TEST(SecretsCrypto, HashesAsFips180Does) {
  EXPECT_TRUE(sha512("abc").starts_with(bytes("ddaf35a193617abacc417349ae204131")));
}

TEST(SecretsCrypto, ComparesBytes) {
  EXPECT_TRUE(same_bytes("", ""));
  EXPECT_TRUE(same_bytes("abc", "abc"));
  EXPECT_FALSE(same_bytes("abc", "abd"));
  EXPECT_FALSE(same_bytes("abc", "ab"));
}

TEST(SecretsWiped, LeavesNothingBehind) {
  std::string text = "a text that is longer than what a string keeps inside itself";
  const char* place = text.data();
  const std::size_t size = text.size();
  wipe(text);
  EXPECT_EQ(text, "");
  EXPECT_EQ(std::string(place, size), std::string(size, '\0'));  // the string still owns it
}

}  // namespace
}  // namespace jci::secrets
