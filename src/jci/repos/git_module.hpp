// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "jci/core/repo.hpp"

namespace jci::repos {

/// What libjci_git.so gives to this room: the bodies of git.hpp.
struct GitModule {
  Repo::Facts (*read_facts)(const std::filesystem::path& start, const std::string& revision);
  std::vector<std::string> (*files_changed)(const Repo& repo, const std::string& target);
  bool (*working_tree_differs)(const Repo& repo);
  std::string (*target_branch)(const Repo& repo);
  std::vector<std::optional<std::string>> (*object_ids)(
      const std::filesystem::path& root, const std::vector<std::string>& expressions);
  std::filesystem::path (*root)(const std::filesystem::path& start);
  std::optional<std::string> (*setting)(const std::filesystem::path& start,
                                        const std::string& name);
};

}  // namespace jci::repos

extern "C" const jci::repos::GitModule jci_repos_git;
