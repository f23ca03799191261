// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "jci/core/remote.hpp"
#include "jci/core/repo.hpp"
#include "jci/remotes/variables.hpp"

namespace jci {

/// The remote that a config calls by its name, with all else from the environment: git, gitea, github, gitlab, email, telegram, webhook, stdout, or
/// file:PATH, relative to the repository. Throws BadConfig for another name, or naming the variables that are missing.
std::shared_ptr<Remote> remote_named(const std::string& name, const Repo& repo,
                                     const Variables& variables);

/// The remote that `address` was asked of (Remote::address), going on where that one stopped. Tokens come from the environment again. Throws
/// BadConfig naming the variables that are missing, or for an address that is none of ours.
std::shared_ptr<Remote> remote_at(const std::string& address, const Variables& variables);

}  // namespace jci
