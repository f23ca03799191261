// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "jci/remotes/exchange.hpp"

namespace jci::remotes {

/// From which repository to which remote.
struct Route {
  std::filesystem::path git_dir;
  std::string remote;
};

/// What joining the fetched reports with ours changed.
struct Joined {
  std::vector<std::string> changed;  ///< the commits whose reports are newer now
  std::size_t merged = 0;
  std::vector<RefusedReport> refused;  ///< what is no report
};

/// What libjci_git.so gives to this room: the part of exchange.hpp that reads and writes the repository.
struct ExchangeModule {
  Route (*find_route)(const std::filesystem::path& repository, const std::string& remote);
  Joined (*join_fetched)(const std::filesystem::path& repository, const std::string& remote);
};

}  // namespace jci::remotes

extern "C" const jci::remotes::ExchangeModule jci_remotes_exchange;
