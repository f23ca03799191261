// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "jci/secrets/secrets.hpp"
#include "jci/secrets/sops.hpp"
#include "jci/util/fd.hpp"

namespace jci::secrets {

/// Variables with their last values, each where it first stands.
std::vector<Variable> variables_of(const SopsDocument& document);

/// One environment's two files. Errors name them, and say how to go on.
class Environment {
 public:
  /// Throws Error: malformed for a name that is not made of letters, digits, `_`, `-` and dots between them.
  Environment(const std::filesystem::path& root, std::string_view name, Lookup lookup);

  const std::string& name() const { return name_; }
  const std::filesystem::path& file() const { return file_; }
  const std::filesystem::path& key_file() const { return key_file_; }
  bool exists() const;

  /// Those of the key file, where there is one, then those of the variables. Throws as in keys.hpp.
  std::vector<Identity> keys() const;

  /// Throws as `secrets::variables_of` does.
  SopsDocument open() const;
  /// Where there is no file yet: an empty one, for the first of our keys. Throws Error: no_key where there is none.
  SopsDocument open_or_create() const;

  /// Writes it whole or not at all, with the mode that it had, where it is changed. Throws TriggerFailed.
  void save(const SopsDocument& document) const;

  /// Held while a file is read, changed and written, so that of two changes none is lost. Waits. Throws TriggerFailed.
  Fd lock() const;

  /// Makes the key, the directory for it and, where there is none, a `.gitignore` that keeps keys out of git. Throws as `make_key_file`.
  Identity make_key() const;

 private:
  std::string name_;
  std::filesystem::path directory_;
  std::filesystem::path file_;
  std::filesystem::path key_file_;
  Lookup lookup_;
};

}  // namespace jci::secrets
