// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jci/workspace/entry.hpp"

namespace jci::workspace {

/// A directory of the tree that shall be, with what belongs in it.
struct Folder {
  struct Child {
    std::string name;
    std::uint32_t index;  ///< into the entries, or into the folders
    bool is_folder;
  };
  std::vector<Child> children;  ///< sorted by name
};

/// The directories that hold `entries`: the root first, parents before children. A submodule is a directory without children.
std::vector<Folder> folders_of(const Entries& entries);

}  // namespace jci::workspace
