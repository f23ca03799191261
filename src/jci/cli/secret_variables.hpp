// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <span>

#include "jci/secrets/secrets.hpp"

namespace jci::cli {

/// Puts variables into our environment, for those that we start, in place of any of the same name; and their names into `JAYPORE_SECRETS`, so that a
/// run masks their values. Throws BadConfig for a name that no variable can have.
void put_into_environment(std::span<const secrets::Variable> variables);

/// The same with those of the environment of the repository at `root` that the variable `ENV` names, else `ci`; where there is no such file, of none.
/// Throws also as `secrets::variables_of` does.
void use_secret_variables(const std::filesystem::path& root);

}  // namespace jci::cli
