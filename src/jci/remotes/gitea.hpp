// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <memory>

#include "jci/remotes/forge.hpp"

namespace jci {

/// JAYPORE_GITEA_TOKEN; JAYPORE_GITEA_ROOT where the server's address is not that of the repository's remote; JAYPORE_CA_FILE. Throws BadConfig.
ForgeSettings gitea_settings_from_env(const Variables& variables, const Repo& repo);

/// See make_forge_remote. Facts: Gitea 1.15 to 1.25.
std::shared_ptr<Remote> make_gitea_remote(ForgeSettings settings);
std::shared_ptr<Remote> gitea_remote_at(const boost::json::object& address,
                                        const Variables& variables);

}  // namespace jci
