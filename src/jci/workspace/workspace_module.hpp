// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "jci/workspace/workspace.hpp"

namespace jci::workspace {

/// What libjci_git.so gives to this room.
struct WorkspaceModule {
  Workspace (*prepare_commit)(const Repo& repo, const std::filesystem::path& cache);
  Workspace (*prepare_dirty)(const Repo& repo, const std::filesystem::path& cache);
};

}  // namespace jci::workspace

extern "C" const jci::workspace::WorkspaceModule jci_workspace;
