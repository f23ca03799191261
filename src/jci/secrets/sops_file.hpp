// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/secrets/dotenv.hpp"

namespace jci::secrets {

/// What SOPS notes below the lines of a dotenv file, `sops_NAME=value`. Keeps what it does not know, and the order: SOPS 3.7 and before had none.
class SopsMetadata {
 public:
  using Field = std::pair<std::string, std::string>;  ///< the name without `sops_`

  std::optional<std::string> find(std::string_view name) const;
  /// In its place; a new one goes to where the alphabet wants it.
  void set(std::string_view name, std::string value);

  /// Who can open the file by age: recipient, and the data key in an armored age file.
  struct AgeKey {
    std::string recipient;
    std::string wrapped;

    bool operator==(const AgeKey&) const = default;
  };
  std::vector<AgeKey> age_keys() const;
  void set_age_keys(const std::vector<AgeKey>& keys);

  /// Others than age that can open the file, such as `pgp`; nothing where there is none.
  std::optional<std::string> other_keys() const;

  const std::vector<Field>& fields() const { return fields_; }
  void add(Field field) { fields_.push_back(std::move(field)); }

 private:
  std::vector<Field> fields_;
};

/// An encrypted dotenv file, with all its values as they are in it.
struct SopsFile {
  std::vector<DotenvLine> lines;
  SopsMetadata metadata;
};

/// Throws Error: malformed, also where it is no file of SOPS; conflict; unsupported for what SOPS can do beyond this: data keys in parts (`shamir`,
/// key groups) and a MAC over a selection.
SopsFile parse_sops_file(std::string_view text);

std::string to_text(const SopsFile& file);

/// A value as SOPS encrypts it: `ENC[AES256_GCM,data:...,iv:...,tag:...,type:...]`.
struct SealedValue {
  std::string data;  ///< with the tag behind it
  std::string nonce;
  std::string type;  ///< `str`, `comment`

  bool operator==(const SealedValue&) const = default;
};

/// Nothing where `text` is none.
std::optional<SealedValue> parse_sealed_value(std::string_view text);
std::string to_text(const SealedValue& value);

}  // namespace jci::secrets
