// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jci/secrets/age.hpp"
#include "jci/secrets/sops_file.hpp"

namespace jci::secrets {

/// A dotenv file of SOPS, opened: its lines in the clear. What is not changed is written as it was, so that a diff shows what was.
///
/// Facts, checked against sops 3.8.1 and 3.13.2: a value is AES-256-GCM with a nonce of 32 bytes under the file's data key, tied to `KEY:`; a
/// comment to `:`. An empty value stays empty. Names that end in `sops_unencrypted_suffix` stay in the clear. The MAC is SHA-512, in upper-case hex,
/// over all plain values in order, comments apart, encrypted and tied to `sops_lastmodified`.
class SopsDocument {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// An empty one, for at least one recipient.
  static SopsDocument create(std::span<const Recipient> recipients);

  /// Checks all of it. Throws Error as `parse_sops_file` and `decrypt` do; tampered names the variable; no_key where `identities` is empty.
  static SopsDocument open(std::string_view text, std::span<const Identity> identities);

  const std::vector<DotenvLine>& lines() const { return lines_; }

  /// As they are in the file; may be others than `age1...`.
  std::vector<std::string> recipients() const;

  /// From now on these are the lines. One that reads as one of before did is that one. Throws Error, and changes nothing: malformed for a name that no
  /// environment can have or that is SOPS's own, unsupported where it is not said what of a new one is encrypted.
  void replace(std::vector<DotenvLine> lines);

  /// The last variable of that name, else a new one at the end. Throws Error as `replace` does; malformed where the value has a NUL, which no
  /// environment can have, or cannot be told apart (see dotenv.hpp) in one that stays in the clear.
  void set(std::string_view name, Wiped value);

  /// Also for this one. Whether it was not yet.
  bool add_recipient(const Recipient& recipient);

  /// A new data key, so that who has the old one cannot read what is written from now on; everything is encrypted anew. Throws Error: unsupported where
  /// others than age could open it; malformed where nobody is left.
  void rotate(std::span<const Recipient> without = {});

  bool is_changed() const { return is_changed_; }

  /// The file. `now` is noted where values were changed.
  std::string text(Time now = std::chrono::system_clock::now()) const;

 private:
  SopsDocument() = default;

  std::string seal_line(const DotenvLine& line) const;
  bool is_encrypted(const DotenvLine& line) const;
  Wiped open_line(const DotenvLine& sealed) const;
  void check_mac() const;
  Wiped mac() const;

  Wiped data_key_;
  std::vector<DotenvLine> lines_;
  std::vector<std::string> sealed_;  // the values of `lines_` as they are in the file
  SopsMetadata metadata_;
  bool is_changed_ = false;  // in any way
  bool needs_mac_ = false;   // values were changed
};

}  // namespace jci::secrets
