// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <vector>

#include "jci/secrets/age.hpp"
#include "jci/secrets/secrets.hpp"

namespace jci::secrets {

/// The keys of a file that only its owner may read. Throws Error: unsafe_key, malformed, unsupported; TriggerFailed.
std::vector<Identity> read_key_file(const std::filesystem::path& file);

/// Those of `SOPS_AGE_KEY`, which holds keys, and of the file that `SOPS_AGE_KEY_FILE` names, whose mode is the business of whoever set it (one that a
/// container is given is often readable by all in it). Throws Error, naming the variable; TriggerFailed.
std::vector<Identity> keys_of_variables(const Lookup& lookup);

/// The keys of all the repository's environments that can be read, and of the variables. Throws nothing: what is no key is left out.
std::vector<Identity> all_keys(const std::filesystem::path& root, const Lookup& lookup);

/// Puts a new key into `file`, of mode 0600, which must not be there yet. Throws Error: malformed where it is; TriggerFailed.
Identity make_key_file(const std::filesystem::path& file);

}  // namespace jci::secrets
