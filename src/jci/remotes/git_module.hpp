// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "jci/core/status.hpp"

namespace jci::remotes {

/// What libjci_git.so gives to this room: the bodies of git.hpp.
struct GitModule {
  void (*start)();  ///< what else the first call of the others would do first
  void (*store_report)(const std::filesystem::path& repository, const std::string& sha,
                       const std::string& report, Status status);
  std::optional<std::string> (*read_report)(const std::filesystem::path& repository,
                                            const std::string& sha);
};

}  // namespace jci::remotes

extern "C" const jci::remotes::GitModule jci_remotes_git;
