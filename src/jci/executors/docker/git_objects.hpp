// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <set>

namespace jci::docker {

/// The directories that the repository in `work_tree` borrows objects from, and those borrow from, as far as they exist: what is named in
/// `objects/info/alternates`. Source: gitrepository-layout(5).
std::set<std::filesystem::path> borrowed_objects(const std::filesystem::path& work_tree);

}  // namespace jci::docker
