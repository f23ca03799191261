// SPDX-License-Identifier: MIT
#include "jci/remotes/report_refs_libgit2.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace jci::git {

std::string report_ref(std::string_view sha) { return fmt::format("{}{}", k_reports, sha); }

std::string fetched_ref(std::string_view remote, std::string_view sha) {
  return fmt::format("{}{}/{}", k_fetched, remote, sha);
}

namespace {

/// What a ref holds; nothing where there is no such ref.
std::optional<git_oid> held_by(git_repository* repository, const std::string& ref) {
  git_oid id;
  const int result = git_reference_name_to_id(&id, repository, ref.c_str());
  if (result == GIT_ENOTFOUND) return std::nullopt;
  check(result);
  return id;
}

}  // namespace

Commit report_tip(git_repository* repository, const std::string& ref) {
  const auto id = held_by(repository, ref);
  return id ? make<Commit>(git_commit_lookup, repository, &*id) : nullptr;
}

Commit fetched_tip(git_repository* repository, const std::string& ref) {
  const auto id = held_by(repository, ref);
  return id ? find<Commit>(git_commit_lookup, repository, &*id) : nullptr;
}

std::optional<std::string> report_in(git_repository* repository, git_commit* commit) {
  const auto tree = make<Tree>(git_commit_tree, commit);
  const git_tree_entry* entry = git_tree_entry_byname(tree.get(), k_report_file);
  if (entry == nullptr) return std::nullopt;
  const auto blob = make<Blob>(git_blob_lookup, repository, git_tree_entry_id(entry));
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                     static_cast<std::size_t>(git_blob_rawsize(blob.get())));
}

Transaction lock_ref(git_repository* repository, const std::string& ref) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  for (auto pause = std::chrono::milliseconds(1);;
       pause = std::min(2 * pause, std::chrono::milliseconds(50))) {
    auto transaction = make<Transaction>(git_transaction_new, repository);
    const int result = git_transaction_lock_ref(transaction.get(), ref.c_str());
    if (result != GIT_ELOCKED || std::chrono::steady_clock::now() > give_up) {
      check(result);
      return transaction;
    }
    std::this_thread::sleep_for(pause);
  }
}

bool contains(git_repository* repository, git_commit* commit, git_commit* other) {
  const git_oid* id = git_commit_id(commit);
  const git_oid* other_id = git_commit_id(other);
  return git_oid_equal(id, other_id) != 0 ||
         check(git_graph_descendant_of(repository, id, other_id)) == 1;
}

bool is_newer(git_commit* one, git_commit* other) {
  if (git_commit_time(one) != git_commit_time(other))
    return git_commit_time(one) > git_commit_time(other);
  return git_oid_cmp(git_commit_id(one), git_commit_id(other)) > 0;
}

}  // namespace jci::git
