// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/executor.hpp"
#include "jci/core/remote.hpp"
#include "jci/core/repo.hpp"
#include "jci/remotes/variables.hpp"
#include "jci/run/options.hpp"

namespace jci::run {

// What a run takes where its config says nothing (ARCHITECTURE.md, "Defaults").

/// The executors that `--executor` knows, sorted.
std::vector<std::string> executor_names();

/// Throws BadConfig for a name that is not among `executor_names`; an empty one is the default.
std::shared_ptr<Executor> executor_by_name(std::string_view name);

/// The commit being built: what `jci run` said, else HEAD of the working directory's repository. Throws BadConfig.
std::shared_ptr<Repo> default_repo(const Options& options);

/// Gitea where its token is in the environment, else GitHub where that one's is, and the repository's remote is there; else git itself, or none where `repo` is
/// not on disk.
std::vector<std::shared_ptr<Remote>> default_remotes(const Repo& repo, const Variables& variables);

}  // namespace jci::run
