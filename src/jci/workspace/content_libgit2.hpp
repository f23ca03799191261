// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "jci/util/git_handles.hpp"
#include "jci/workspace/materialise.hpp"

namespace jci::workspace {

/// Reads entries from the repository's object database, or from its working tree where they say so.
struct ContentOptions {
  std::string git_dir;    ///< each thread opens it for itself
  std::string work_tree;  ///< empty for a bare repository
  bool filters = false;   ///< line ends, ident and encodings may have to be applied
  std::optional<git_oid>
      commit;  ///< whose .gitattributes count; without it those of the working tree
};

std::unique_ptr<Content> make_content(const ContentOptions& options);

}  // namespace jci::workspace
