// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/remotes/git.hpp"
#include "jci/remotes/git_module.hpp"
#include "jci/util/git_handles.hpp"

namespace jci {
namespace {

constexpr const char* k_file = "report.txt";

using Transaction = std::unique_ptr<git_transaction, git::Release<git_transaction_free>>;
using TreeBuilder = std::unique_ptr<git_treebuilder, git::Release<git_treebuilder_free>>;

std::string ref_of(const std::string& sha) { return "refs/jayporeci/" + sha; }

git::Signature identity(git_repository* repository) {
  git_signature* configured = nullptr;
  if (git_signature_default(&configured, repository) == 0) return git::Signature(configured);
  return git::make<git::Signature>(git_signature_now, "Jaypore CI", "jayporeci@localhost");
}

git::Tree write_tree(git_repository* repository, std::string_view report) {
  git_oid blob;
  git::check(git_blob_create_from_buffer(&blob, repository, report.data(), report.size()));
  const auto builder = git::make<TreeBuilder>(git_treebuilder_new, repository, nullptr);
  git::check(git_treebuilder_insert(nullptr, builder.get(), k_file, &blob, GIT_FILEMODE_BLOB));
  git_oid tree;
  git::check(git_treebuilder_write(&tree, builder.get()));
  return git::make<git::Tree>(git_tree_lookup, repository, &tree);
}

/// The newest report's commit; null where there is none.
git::Commit tip(git_repository* repository, const std::string& ref) {
  git_oid id;
  const int result = git_reference_name_to_id(&id, repository, ref.c_str());
  if (result == GIT_ENOTFOUND) return nullptr;
  git::check(result);
  return git::make<git::Commit>(git_commit_lookup, repository, &id);
}

/// Locks the ref, as git does, with `<ref>.lock`. Whoever holds it is done in some milliseconds, so that is waited for.
Transaction lock(git_repository* repository, const std::string& ref) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  for (auto pause = std::chrono::milliseconds(1);;
       pause = std::min(2 * pause, std::chrono::milliseconds(50))) {
    auto transaction = git::make<Transaction>(git_transaction_new, repository);
    const int result = git_transaction_lock_ref(transaction.get(), ref.c_str());
    if (result != GIT_ELOCKED || std::chrono::steady_clock::now() > give_up) {
      git::check(result);
      return transaction;
    }
    std::this_thread::sleep_for(pause);
  }
}

bool says_the_same(git_commit* commit, git_tree* tree, const std::string& message) {
  return commit != nullptr && git_oid_equal(git_commit_tree_id(commit), git_tree_id(tree)) != 0 &&
         git_commit_message_raw(commit) == message;
}

/// Adds the report to those of its ref. All that depends on the last one happens under the ref's lock, so no other run's is lost.
void add_report(git_repository* repository, const std::string& ref, std::string_view report,
                const std::string& message) {
  const auto tree = write_tree(repository, report);
  const auto transaction = lock(repository, ref);
  const auto last = tip(repository, ref);
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

std::string read_blob(git_repository* repository, const git_oid& id) {
  const auto blob = git::make<git::Blob>(git_blob_lookup, repository, &id);
  return {static_cast<const char*>(git_blob_rawcontent(blob.get())),
          static_cast<std::size_t>(git_blob_rawsize(blob.get()))};
}

void store(const std::filesystem::path& path, const std::string& sha, const std::string& report,
           Status status) {
  const auto ref = ref_of(sha);
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

std::optional<std::string> read(const std::filesystem::path& path, const std::string& sha) {
  const auto ref = ref_of(sha);
  try {
    const auto repository = git::open_repository(path);
    const auto commit = tip(repository.get(), ref);
    if (!commit) return std::nullopt;
    const auto tree = git::make<git::Tree>(git_commit_tree, commit.get());
    const git_tree_entry* entry = git_tree_entry_byname(tree.get(), k_file);
    if (entry == nullptr) return std::nullopt;
    return read_blob(repository.get(), *git_tree_entry_id(entry));
  } catch (const git::Error& error) {
    throw RemoteApiFailed(
        fmt::format("cannot read the report `{}` of `{}`: {}", ref, path.string(), error.what()));
  }
}

}  // namespace
}  // namespace jci

extern "C" const jci::remotes::GitModule jci_remotes_git = {
    .store_report = jci::store,
    .read_report = jci::read,
};
