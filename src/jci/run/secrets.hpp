// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "jci/core/reporter.hpp"
#include "jci/util/masker.hpp"

namespace jci::run {

/// Names of variables, with commas between them, whose values are secret though their names do not say so.
inline constexpr const char* k_secret_names_variable = "JAYPORE_SECRETS";

/// Whether a variable of this name holds a secret: `..._TOKEN`, `DB_PASSWORD`, `AWS_SECRET_ACCESS_KEY`, the URL of a webhook, ...
bool names_a_secret(std::string_view variable);

/// The names of all variables of `environment` ("NAME=value", ended by a null) that are secret, by their names or because they are listed.
std::set<std::string, std::less<>> secret_names(const char* const* environment);

/// Finds the values of all variables of `environment` ("NAME=value", ended by a null) that are secret, however they are spelled (util/spellings.hpp).
Masker masker_of(const char* const* environment);

/// `reporter`, whose reports come out masked. `secrets` must outlive it; where that finds nothing: `reporter` itself.
std::shared_ptr<Reporter> masking(std::shared_ptr<Reporter> reporter, const Masker& secrets);

}  // namespace jci::run
