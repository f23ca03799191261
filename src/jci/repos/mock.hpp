// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "jci/core/repo.hpp"

namespace jci {

/// A commit that exists in no repository: for tests of pipelines.
class MockRepo final : public Repo {
 public:
  /// `files_changed` is the answer for every target; sorted here, as a repo's answer is.
  explicit MockRepo(Facts facts, std::vector<std::string> files_changed = {});

  std::vector<std::string> files_changed(const std::string& target) const override;

 private:
  std::vector<std::string> files_changed_;
};

}  // namespace jci
