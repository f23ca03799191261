// SPDX-License-Identifier: MIT
#include "jci/repos/git.hpp"

#include <utility>

#include "jci/repos/git_module.hpp"
#include "jci/util/module.hpp"

namespace jci {
namespace {

constinit const Module<repos::GitModule> git{"libjci_git.so", "jci_repos_git"};

class GitRepo final : public Repo {
 public:
  using Repo::Repo;

  std::vector<std::string> files_changed(const std::string& target) const override {
    return git->files_changed(*this, target);
  }
};

}  // namespace

std::shared_ptr<Repo> open_git_repo(const std::filesystem::path& start,
                                    const std::string& revision) {
  return known_git_repo(git->read_facts(start, revision));
}

std::shared_ptr<Repo> known_git_repo(Repo::Facts facts) {
  return std::make_shared<GitRepo>(std::move(facts));
}

bool working_tree_differs(const Repo& repo) { return git->working_tree_differs(repo); }

std::string target_branch(const Repo& repo) { return git->target_branch(repo); }

std::vector<std::optional<std::string>> git_object_ids(
    const std::filesystem::path& root, const std::vector<std::string>& expressions) {
  return git->object_ids(root, expressions);
}

std::filesystem::path git_root(const std::filesystem::path& start) { return git->root(start); }

std::optional<std::string> git_setting(const std::filesystem::path& start,
                                       const std::string& name) {
  return git->setting(start, name);
}

}  // namespace jci
