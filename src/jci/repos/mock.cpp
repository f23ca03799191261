// SPDX-License-Identifier: MIT
#include "jci/repos/mock.hpp"

#include <algorithm>

namespace jci {

MockRepo::MockRepo(Facts facts, std::vector<std::string> files_changed)
    : Repo(std::move(facts)), files_changed_(std::move(files_changed)) {
  std::ranges::sort(files_changed_);
  const auto repeated = std::ranges::unique(files_changed_);
  files_changed_.erase(repeated.begin(), repeated.end());
}

std::vector<std::string> MockRepo::files_changed(const std::string&) const {
  return files_changed_;
}

}  // namespace jci
