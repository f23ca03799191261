// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "jci/core/repo.hpp"

namespace jci::repos {

/// What libjci_git.so gives to this room: the bodies of git.hpp.
struct GitModule {
  std::shared_ptr<Repo> (*open)(const std::filesystem::path& start, const std::string& revision);
  bool (*working_tree_differs)(const Repo& repo);
};

}  // namespace jci::repos

extern "C" const jci::repos::GitModule jci_repos_git;
