// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jci/secrets/wiped.hpp"

namespace jci::secrets {

// Files of age, format version 1, for X25519 keys: https://c2sp.org/age. Passphrases, keys of ssh and plugins are told apart, and refused by
// Problem::unsupported.

/// Who may read a file: `age1...`.
class Recipient {
 public:
  /// Throws Error: malformed, unsupported; its message does not repeat a secret key.
  static Recipient parse(std::string_view text);
  explicit Recipient(std::string_view point) : point_(point) {}  ///< 32 bytes

  std::string text() const;
  const std::string& point() const { return point_; }
  bool operator==(const Recipient&) const = default;

 private:
  std::string point_;
};

/// The key of one who may: `AGE-SECRET-KEY-1...`.
class Identity {
 public:
  static Identity generate();
  /// Throws Error: malformed, unsupported; its message does not repeat `text`.
  static Identity parse(std::string_view text);

  Wiped text() const;
  const Recipient& recipient() const { return recipient_; }
  std::string_view scalar() const { return scalar_.view(); }

 private:
  explicit Identity(Wiped scalar);

  Wiped scalar_;  // 32 bytes
  Recipient recipient_;
};

/// The keys in a file as age-keygen writes it: one a line, comments begin with `#`. Throws Error as `Identity::parse`, naming the line, also
/// where there is none.
std::vector<Identity> parse_identities(std::string_view text);

/// The text of such a file.
Wiped identity_file(const Identity& identity);

/// A file for all of `recipients`, of which there is at least one.
std::string encrypt(std::string_view plain, std::span<const Recipient> recipients);

/// What the file holds. Throws Error: malformed, wrong_key, unsupported, tampered.
Wiped decrypt(std::string_view file, std::span<const Identity> identities);

}  // namespace jci::secrets
