// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <memory>

#include "jci/remotes/forge.hpp"

namespace jci {

/// JAYPORE_GITHUB_TOKEN; JAYPORE_GITHUB_API for GitHub Enterprise (`https://HOST/api/v3`); JAYPORE_CA_FILE. Throws BadConfig.
ForgeSettings github_settings_from_env(const Variables& variables, const Repo& repo);

/// See make_forge_remote. With `checks`, check runs take the place of statuses; only apps may write them, so a token that may not falls back to statuses, and
/// `close` says so. Facts: GitHub's OpenAPI description, version 2022-11-28.
std::shared_ptr<Remote> make_github_remote(ForgeSettings settings);
std::shared_ptr<Remote> github_remote_at(const boost::json::object& address,
                                         const Variables& variables);

}  // namespace jci
