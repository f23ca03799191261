// SPDX-License-Identifier: MIT
#include "jci/remotes/git.hpp"

#include <mutex>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/remotes/git_module.hpp"
#include "jci/remotes/scribe.hpp"
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
  void open() override { started(); }
  void close() override { take().reset(); }

  void publish(const std::string& report, const PipelineView& view) override {
    try {
      started()->store(report, view.status);
    } catch (const remotes::ScribeGone& gone) {
      take().reset();  // the next report finds another one
      throw RemoteApiFailed(gone.what());
    }
  }

  void interrupt() override {
    const std::scoped_lock lock(mutex_);
    if (scribe_) scribe_->interrupt();
  }

 private:
  std::shared_ptr<remotes::Scribe> started() {
    const std::scoped_lock lock(mutex_);
    if (!scribe_) scribe_ = std::make_shared<remotes::Scribe>(repository_, sha_);
    return scribe_;
  }

  std::shared_ptr<remotes::Scribe> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(scribe_, nullptr);
  }

  const std::filesystem::path repository_;
  const std::string sha_;
  std::mutex mutex_;  // guards the pointer
  std::shared_ptr<remotes::Scribe> scribe_;
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
