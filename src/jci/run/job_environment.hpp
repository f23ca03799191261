// SPDX-License-Identifier: MIT
#pragma once

#include "jci/core/base_env.hpp"
#include "jci/core/pipeline.hpp"

namespace jci::run {

/// The environment every job starts from: this process's `JAYPORE_*` variables with the prefix taken off, but for those that are meant
/// for us (RUN, PYTHON) and the secrets of remotes: the passwords, the tokens, and all of JAYPORE_WEBHOOK*.
/// Which of them are secret: see `secret_names`.
BaseEnv base_environment(const char* const* environment);

/// Throws BadConfig where a job says that it needs a secret which `env` has not, naming the nearest that it has.
void check_secrets_of_jobs(const Pipeline& pipeline, const BaseEnv& env);

}  // namespace jci::run
