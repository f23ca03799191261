// SPDX-License-Identifier: MIT
#include "jci/secrets/age.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "jci/secrets/age_header.hpp"
#include "jci/secrets/age_payload.hpp"
#include "jci/secrets/bech32.hpp"
#include "jci/secrets/crypto.hpp"
#include "jci/secrets/error.hpp"
#include "jci/util/assert.hpp"
#include "jci/util/base64.hpp"
#include "jci/util/text.hpp"

namespace jci::secrets {
namespace {

constexpr std::string_view k_recipient_prefix = "age";
constexpr std::string_view k_identity_prefix = "age-secret-key-";
constexpr std::string_view k_x25519 = "X25519";
constexpr std::string_view k_wrap_info = "age-encryption.org/v1/X25519";
constexpr std::size_t k_file_key_size = 16;
constexpr std::size_t k_point_size = 32;
const std::string k_zero_nonce(12, '\0');  // each wrapping key is used once

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// --- wrapping the key of a file for one recipient ---

Wiped wrapping_key(std::string_view shared, std::string_view ephemeral,
                   const Recipient& recipient) {
  return hkdf_sha256(shared, std::string(ephemeral) + recipient.point(), k_wrap_info);
}

Stanza wrap(std::string_view file_key, const Recipient& recipient) {
  const Wiped scalar = random_bytes(k_point_size);
  const std::string ephemeral = x25519_public(scalar.view());
  const auto shared = x25519(scalar.view(), recipient.point());
  if (!shared)
    throw Error(Problem::malformed, fmt::format("`{}` is nobody's key", recipient.text()));
  const Wiped key = wrapping_key(shared->view(), ephemeral, recipient);
  return {{std::string(k_x25519), unpadded_base64(ephemeral)},
          seal(Cipher::chacha20_poly1305, key.view(), k_zero_nonce, {}, file_key)};
}

bool is_for_x25519(const Stanza& stanza) { return stanza.arguments.front() == k_x25519; }

/// The sender's half of the exchange.
std::string ephemeral_of(const Stanza& stanza) {
  const auto& arguments = stanza.arguments;
  if (arguments.size() == 2 && stanza.body.size() == k_file_key_size + k_tag_size) {
    const auto point = from_base64(arguments[1]);
    if (point && point->size() == k_point_size && unpadded_base64(*point) == arguments[1])
      return *point;
  }
  throw Error(Problem::malformed,
              "the header of an age file is damaged: a part for X25519 is malformed");
}

/// Nothing where it is wrapped for another.
std::optional<Wiped> unwrap(const Stanza& stanza, const Identity& identity) {
  const std::string ephemeral = ephemeral_of(stanza);
  const auto shared = x25519(identity.scalar(), ephemeral);
  if (!shared)
    throw Error(Problem::malformed,
                "the header of an age file is damaged: a part for X25519 is for nobody");
  const Wiped key = wrapping_key(shared->view(), ephemeral, identity.recipient());
  return open_sealed(Cipher::chacha20_poly1305, key.view(), k_zero_nonce, {}, stanza.body);
}

[[noreturn]] void refuse_key(const Header& header) {
  const auto is_of_ssh = [](const Stanza& stanza) {
    return stanza.arguments.front().starts_with("ssh-");
  };
  if (std::ranges::any_of(header.stanzas, is_for_x25519))
    throw Error(Problem::wrong_key, "it is encrypted for other keys");
  if (std::ranges::any_of(header.stanzas, is_of_ssh))
    throw Error(Problem::unsupported, "it is encrypted for keys of ssh, which only `age` reads");
  throw Error(Problem::unsupported,
              fmt::format("it is encrypted for keys of another kind, `{}`, which only `age` reads",
                          header.stanzas.front().arguments.front()));
}

Wiped file_key(const Header& header, std::span<const Identity> identities) {
  for (const Stanza& stanza : header.stanzas) {
    if (stanza.arguments.front() != "scrypt") continue;
    if (header.stanzas.size() > 1)
      throw Error(Problem::malformed,
                  "the header of an age file is damaged: a passphrase is not all that opens it");
    throw Error(Problem::unsupported,
                "it is encrypted by a passphrase, which only `age` asks for; make one that is "
                "encrypted for a key");
  }
  for (const Identity& identity : identities) {
    for (const Stanza& stanza : header.stanzas) {
      if (!is_for_x25519(stanza)) continue;
      if (auto key = unwrap(stanza, identity)) return *std::move(key);
    }
  }
  refuse_key(header);
}

Wiped header_code(std::string_view file_key, std::string_view text) {
  return hmac_sha256(hkdf_sha256(file_key, {}, "header").view(), text);
}

}  // namespace

// --- Recipient ---

Recipient Recipient::parse(std::string_view text) {
  text = trim(text);
  if (text.starts_with("ssh-"))
    throw Error(Problem::unsupported,
                "keys of ssh are none of the kind that Jaypore CI encrypts for; "
                "`jci secrets keygen` or `age-keygen` make one");
  if (upper(std::string(text)).starts_with("AGE-SECRET-KEY-"))  // not repeated
    throw Error(Problem::malformed,
                "that is a secret key, which nobody else may see; say its public key, `age1...`");
  const auto decoded = from_bech32(text);
  if (!decoded || !text.starts_with("age1"))
    throw Error(Problem::malformed,
                fmt::format("`{}` is no recipient; one begins with `age1` and is made by "
                            "`jci secrets keygen` or `age-keygen`",
                            sanitize_line(text)));
  if (decoded->prefix != k_recipient_prefix || decoded->bytes.size() != k_point_size)
    throw Error(Problem::unsupported,
                fmt::format("`{}` is the recipient of a plugin or a newer age, which only `age` "
                            "encrypts for",
                            sanitize_line(text)));
  return Recipient(decoded->bytes);
}

std::string Recipient::text() const { return to_bech32(k_recipient_prefix, point_); }

// --- Identity ---

Identity::Identity(Wiped scalar)
    : scalar_(std::move(scalar)), recipient_(x25519_public(scalar_.view())) {}

Identity Identity::generate() { return Identity(random_bytes(k_point_size)); }

Identity Identity::parse(std::string_view text) {
  if (text.starts_with("AGE-PLUGIN-"))
    throw Error(Problem::unsupported, "it is a key of a plugin, which only `age` reads");
  if (text.starts_with("-----BEGIN"))
    throw Error(Problem::unsupported,
                "it is a key of ssh, or is itself encrypted, which only `age` reads");
  auto decoded = from_bech32(text);
  Wiped scalar(decoded ? std::move(decoded->bytes) : "");
  if (!decoded || text != upper(std::string(text)) || decoded->prefix != k_identity_prefix ||
      scalar.view().size() != k_point_size)
    throw Error(Problem::malformed, "it is no key; one begins with `AGE-SECRET-KEY-1`");
  return Identity(std::move(scalar));
}

Wiped Identity::text() const { return Wiped(upper(to_bech32(k_identity_prefix, scalar()))); }

std::vector<Identity> parse_identities(std::string_view text) {
  std::vector<Identity> identities;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    try {
      identities.push_back(Identity::parse(line));
    } catch (const Error& error) {
      throw Error(error.problem, fmt::format("line {}: {}", number, error.what()));
    }
  }
  if (identities.empty()) throw Error(Problem::malformed, "there is no key in it");
  return identities;
}

Wiped identity_file(const Identity& identity) {
  return Wiped(
      fmt::format("# public key: {}\n{}\n", identity.recipient().text(), identity.text().view()));
}

// --- files ---

std::string encrypt(std::string_view plain, std::span<const Recipient> recipients) {
  JCI_ASSERT(!recipients.empty());
  const Wiped key = random_bytes(k_file_key_size);
  std::vector<Stanza> stanzas;
  for (const Recipient& recipient : recipients) stanzas.push_back(wrap(key.view(), recipient));
  const std::string header = header_text(stanzas);
  return fmt::format("{} {}\n{}", header, unpadded_base64(header_code(key.view(), header).view()),
                     seal_payload(key.view(), plain));
}

Wiped decrypt(std::string_view file, std::span<const Identity> identities) {
  const Header header = parse_header(file);
  const Wiped key = file_key(header, identities);
  if (!same_bytes(header_code(key.view(), header.under_code).view(), header.code))
    throw Error(Problem::tampered, "the header of an age file was changed");
  return open_payload(key.view(), header.payload);
}

}  // namespace jci::secrets
