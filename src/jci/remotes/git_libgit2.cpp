// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/remotes/git.hpp"
#include "jci/remotes/git_module.hpp"
#include "jci/remotes/report_refs_libgit2.hpp"
#include "jci/util/git_handles.hpp"

namespace jci {
namespace {

using TreeBuilder = std::unique_ptr<git_treebuilder, git::Release<git_treebuilder_free>>;

git::Signature identity(git_repository* repository) {
  git_signature* configured = nullptr;
  if (git_signature_default(&configured, repository) == 0) return git::Signature(configured);
  return git::make<git::Signature>(git_signature_now, "Jaypore CI", "jayporeci@localhost");
}

git::Tree write_tree(git_repository* repository, std::string_view report) {
  git_oid blob;
  git::check(git_blob_create_from_buffer(&blob, repository, report.data(), report.size()));
  const auto builder = git::make<TreeBuilder>(git_treebuilder_new, repository, nullptr);
  git::check(
      git_treebuilder_insert(nullptr, builder.get(), git::k_report_file, &blob, GIT_FILEMODE_BLOB));
  git_oid tree;
  git::check(git_treebuilder_write(&tree, builder.get()));
  return git::make<git::Tree>(git_tree_lookup, repository, &tree);
}

bool says_the_same(git_commit* commit, git_tree* tree, const std::string& message) {
  return commit != nullptr && git_oid_equal(git_commit_tree_id(commit), git_tree_id(tree)) != 0 &&
         git_commit_message_raw(commit) == message;
}

/// Adds the report to those of its ref. All that depends on the last one happens under the ref's lock, so no other run's is lost.
void add_report(git_repository* repository, const std::string& ref, std::string_view report,
                const std::string& message) {
  const auto tree = write_tree(repository, report);
  const auto transaction = git::lock_ref(repository, ref);
  const auto last = git::report_tip(repository, ref);
  if (says_the_same(last.get(), tree.get(), message)) return;

  const git_commit* parent = last.get();
  const auto who = identity(repository);
  git_oid commit;
  git::check(git_commit_create(&commit, repository, nullptr, who.get(), who.get(), "UTF-8",
                               message.c_str(), tree.get(), last ? 1 : 0, &parent));
  git::check(git_transaction_set_target(transaction.get(), ref.c_str(), &commit, who.get(),
                                        "jaypore ci report"));
  git::check(git_transaction_commit(transaction.get()));
}

void store(const std::filesystem::path& path, const std::string& sha, const std::string& report,
           Status status) {
  const auto ref = git::report_ref(sha);
  const auto message =
      fmt::format("Jaypore CI: {}\n\nReport of commit {}\n", to_string(status), sha);
  try {
    const auto repository = git::open_repository(path);
    add_report(repository.get(), ref, report, message);
  } catch (const git::Error& error) {
    throw RemoteApiFailed(fmt::format("cannot store the report as `{}` in `{}`: {}", ref,
                                      path.string(), error.what()));
  }
}

/// Of our own reports and those fetched from elsewhere. Null where there is none.
git::Commit newest(git_repository* repository, const std::string& sha) {
  auto best = git::report_tip(repository, git::report_ref(sha));
  const git::RemoteNames remotes(repository);
  for (const char* remote : remotes) {
    auto other = git::fetched_tip(repository, git::fetched_ref(remote, sha));
    if (!other || (best && git::contains(repository, best.get(), other.get()))) continue;
    if (!best || git::contains(repository, other.get(), best.get()) ||
        git::is_newer(other.get(), best.get()))
      best = std::move(other);
  }
  return best;
}

std::optional<std::string> read(const std::filesystem::path& path, const std::string& sha) {
  try {
    const auto repository = git::open_repository(path);
    const auto commit = newest(repository.get(), sha);
    if (!commit) return std::nullopt;
    return git::report_in(repository.get(), commit.get());
  } catch (const git::Error& error) {
    throw RemoteApiFailed(fmt::format("cannot read the report `{}` of `{}`: {}",
                                      git::report_ref(sha), path.string(), error.what()));
  }
}

}  // namespace
}  // namespace jci

extern "C" const jci::remotes::GitModule jci_remotes_git = {
    .start = jci::git::start_libgit2,
    .store_report = jci::store,
    .read_report = jci::read,
};
