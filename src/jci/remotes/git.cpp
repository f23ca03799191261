// SPDX-License-Identifier: MIT
#include "jci/remotes/git.hpp"

#include "jci/remotes/git_module.hpp"
#include "jci/util/module.hpp"

namespace jci {
namespace {

const remotes::GitModule& module() {
  static const auto* loaded =
      static_cast<const remotes::GitModule*>(load_symbol("libjci_git.so", "jci_remotes_git"));
  return *loaded;
}

}  // namespace

std::shared_ptr<Remote> make_git_remote(const std::filesystem::path& repository,
                                        const std::string& sha) {
  return module().make(repository, sha);
}

std::optional<std::string> read_report(const std::filesystem::path& repository,
                                       const std::string& sha) {
  return module().read_report(repository, sha);
}

}  // namespace jci
