// SPDX-License-Identifier: MIT
#include "jci/remotes/git.hpp"

#include <utility>

#include "jci/remotes/git_module.hpp"
#include "jci/util/module.hpp"

namespace jci {
namespace {

constinit const Module<remotes::GitModule> git{"libjci_git.so", "jci_remotes_git"};

class GitRemote final : public Remote {
 public:
  GitRemote(std::filesystem::path repository, std::string sha)
      : repository_(std::move(repository)), sha_(std::move(sha)) {}

  std::string name() const override { return "git"; }

  // While the first jobs run, so that the end of the run need not wait for it.
  void open() override { git->start(); }

  void publish(const std::string& report, const PipelineView& view) override {
    git->store_report(repository_, sha_, report, view.status);
  }

 private:
  std::filesystem::path repository_;
  std::string sha_;
};

}  // namespace

std::shared_ptr<Remote> make_git_remote(const std::filesystem::path& repository,
                                        const std::string& sha) {
  return std::make_shared<GitRemote>(repository, sha);
}

bool is_commit_id(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::string> read_report(const std::filesystem::path& repository,
                                       const std::string& sha) {
  return git->read_report(repository, sha);
}

}  // namespace jci
