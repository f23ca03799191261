// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "jci/core/remote.hpp"

namespace jci::remotes {

/// What libjci_git.so gives to this room: the bodies of git.hpp.
struct GitModule {
  std::shared_ptr<Remote> (*make)(const std::filesystem::path& repository, const std::string& sha);
  std::optional<std::string> (*read_report)(const std::filesystem::path& repository,
                                            const std::string& sha);
};

}  // namespace jci::remotes

extern "C" const jci::remotes::GitModule jci_remotes_git;
