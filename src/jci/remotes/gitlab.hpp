// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <memory>

#include "jci/remotes/forge.hpp"

namespace jci {

/// JAYPORE_GITLAB_TOKEN; JAYPORE_GITLAB_ROOT where the server's address is not that of the repository's remote; JAYPORE_CA_FILE. Throws BadConfig.
ForgeSettings gitlab_settings_from_env(const Variables& variables, const Repo& repo);

/// See make_forge_remote; the report is a note of the merge request. Facts: GitLab's REST API, version 4.
std::shared_ptr<Remote> make_gitlab_remote(ForgeSettings settings);
std::shared_ptr<Remote> gitlab_remote_at(const boost::json::object& address,
                                         const Variables& variables);

}  // namespace jci
