// SPDX-License-Identifier: MIT
#pragma once

#include <array>

namespace jci {

/// Where a repository's config is, in order: the first that is there counts.
inline constexpr std::array k_config_files = {"cicd/cicd.py", "cicd/cicd.cpp"};

}  // namespace jci
