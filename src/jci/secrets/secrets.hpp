// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "jci/secrets/error.hpp"
#include "jci/secrets/wiped.hpp"

namespace jci::secrets {

// The secrets of a repository: `secrets/NAME.enc`, a dotenv file encrypted by SOPS for age keys, and beside it `secrets/NAME.key`, the key, which is not
// in git. NAME is what people call an environment: `ci`, `production`.

struct Variable {
  std::string name;
  Wiped value;

  bool operator==(const Variable&) const = default;
};

/// Gives the value of an environment variable; null for one that is not set.
using Lookup = std::function<const char*(const char*)>;

/// The variables of the environment `name` of the repository at `root`, in order; one that is there twice has its last value, in the place of its
/// first. Keys are looked for in `secrets/NAME.key`, and as sops does in `SOPS_AGE_KEY` (keys) and `SOPS_AGE_KEY_FILE` (of others; a file).
///
/// Throws Error, whose `problem` says which: no_file, no_key, unsafe_key, wrong_key, malformed (`name` too), conflict, tampered, unsupported. Throws
/// TriggerFailed where a file that is there cannot be read.
std::vector<Variable> variables_of(const std::filesystem::path& root, std::string_view name,
                                   const Lookup& lookup);
std::vector<Variable> variables_of(const std::filesystem::path& root, std::string_view name);

/// Whether there is such an environment at all: to do without it is not to fail.
bool has_environment(const std::filesystem::path& root, std::string_view name);

}  // namespace jci::secrets
