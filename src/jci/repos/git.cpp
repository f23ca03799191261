// SPDX-License-Identifier: MIT
#include "jci/repos/git.hpp"

#include "jci/repos/git_module.hpp"
#include "jci/util/module.hpp"

namespace jci {
namespace {

const repos::GitModule& module() {
  static const auto* loaded =
      static_cast<const repos::GitModule*>(load_symbol("libjci_git.so", "jci_repos_git"));
  return *loaded;
}

}  // namespace

std::shared_ptr<Repo> open_git_repo(const std::filesystem::path& start,
                                    const std::string& revision) {
  return module().open(start, revision);
}

bool working_tree_differs(const Repo& repo) { return module().working_tree_differs(repo); }

}  // namespace jci
