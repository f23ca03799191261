// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/remotes/exchange_module.hpp"
#include "jci/remotes/git.hpp"
#include "jci/remotes/report_refs_libgit2.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

using remotes::Joined;
using remotes::Route;

/// "main"; empty where HEAD is detached.
std::string branch_of_head(git_repository* repository) {
  const auto head = git::find<git::Reference>(git_reference_lookup, repository, "HEAD");
  const char* target = head ? git_reference_symbolic_target(head.get()) : nullptr;
  constexpr std::string_view branches = "refs/heads/";
  const std::string_view ref = target == nullptr ? "" : target;
  return ref.starts_with(branches) ? std::string(ref.substr(branches.size())) : "";
}

/// Where `git push` without arguments goes: git-config(1), "remote.pushDefault".
std::string push_remote(git_repository* repository, const std::vector<std::string>& names) {
  const auto branch = branch_of_head(repository);
  const std::array settings = {fmt::format("branch.{}.pushRemote", branch),
                               std::string("remote.pushDefault"),
                               fmt::format("branch.{}.remote", branch)};
  for (const auto& name : settings)
    if (const auto value = git::setting(repository, name.c_str())) return *value;
  return names.size() == 1 ? names.front() : "origin";
}

std::string known_remote(git_repository* repository, const std::string& named) {
  const git::RemoteNames list(repository);
  const std::vector<std::string> names(list.begin(), list.end());
  if (names.empty())
    throw BadConfig(fmt::format(
        "`{}` has no remote to exchange reports with; `git remote add origin URL` makes one",
        git::root_of(repository).string()));
  auto remote = named.empty() ? push_remote(repository, names) : named;
  if (std::ranges::find(names, remote) != names.end()) return remote;
  std::vector<std::string> shown;
  for (const auto& name : names) shown.push_back(ticked(name));
  throw BadConfig(
      fmt::format("no remote is called {}; there is {}", ticked(remote), fmt::join(shown, ", ")));
}

Route find_route(const std::filesystem::path& path, const std::string& named) {
  try {
    const auto repository = git::open_repository(path);
    return {git_repository_path(repository.get()), known_remote(repository.get(), named)};
  } catch (const git::Error& error) {
    throw BadConfig(error.what());
  }
}

std::string first_line(git_commit* commit) {
  const char* line = git_commit_summary(commit);
  return line == nullptr ? "" : line;
}

/// A commit of both, with the newer report. It depends on the two alone: whoever joins the same two makes the same commit.
git_oid merge(git_repository* repository, const std::string& sha, git_commit* ours,
              git_commit* theirs) {
  const bool ours_is_newer = git::is_newer(ours, theirs);
  git_commit* newer = ours_is_newer ? ours : theirs;
  git_commit* older = ours_is_newer ? theirs : ours;
  const auto tree = git::make<git::Tree>(git_commit_tree, newer);
  const auto who = git::make<git::Signature>(git_signature_new, "Jaypore CI", "jayporeci@localhost",
                                             git_commit_time(newer), 0);
  const auto message =
      fmt::format("{}\n\nThe newer of two reports of commit {}\n", first_line(newer), sha);
  std::array<const git_commit*, 2> parents = {newer, older};
  git_oid id;
  git::check(git_commit_create(&id, repository, nullptr, who.get(), who.get(), nullptr,
                               message.c_str(), tree.get(), parents.size(), parents.data()));
  return id;
}

enum class Join { nothing, followed, merged };

/// Brings what was fetched into our chain of `sha`'s reports. Our newest one is read under the lock: a run may store another meanwhile.
Join join(git_repository* repository, const std::string& sha, const git_oid& fetched) {
  const auto ref = git::report_ref(sha);
  const auto theirs = git::make<git::Commit>(git_commit_lookup, repository, &fetched);
  const auto known = git::report_tip(repository, ref);
  if (known && git::contains(repository, known.get(), theirs.get())) return Join::nothing;

  const auto transaction = git::lock_ref(repository, ref);
  const auto ours = git::report_tip(repository, ref);
  if (ours && git::contains(repository, ours.get(), theirs.get())) return Join::nothing;
  const bool diverged = ours && !git::contains(repository, theirs.get(), ours.get());
  const git_oid next = diverged ? merge(repository, sha, ours.get(), theirs.get()) : fetched;
  git::check(git_transaction_set_target(transaction.get(), ref.c_str(), &next,
                                        git_commit_committer(theirs.get()),
                                        "jaypore ci reports fetched"));
  git::check(git_transaction_commit(transaction.get()));
  return diverged ? Join::merged : Join::followed;
}

void join_one(git_repository* repository, const std::string& sha, const git_oid& fetched,
              Joined& joined) {
  try {
    const Join done = join(repository, sha, fetched);
    if (done != Join::nothing) joined.changed.push_back(sha);
    if (done == Join::merged) ++joined.merged;
  } catch (const git::Error& error) {
    joined.refused.push_back({sha, sanitize_line(error.what())});
  }
}

Joined join_all(git_repository* repository, const std::string& remote) {
  const auto directory = git::fetched_ref(remote, "");
  const auto refs = git::make<git::ReferenceIterator>(git_reference_iterator_glob_new, repository,
                                                      (directory + "*").c_str());
  Joined joined;
  for (;;) {
    git_reference* raw = nullptr;
    const int result = git_reference_next(&raw, refs.get());
    const git::Reference ref(raw);
    if (result == GIT_ITEROVER) return joined;
    git::check(result);
    const auto sha = std::string(git_reference_name(ref.get())).substr(directory.size());
    const git_oid* id = git_reference_target(ref.get());
    if (id != nullptr && is_commit_id(sha)) join_one(repository, sha, *id, joined);
  }
}

Joined join_fetched(const std::filesystem::path& path, const std::string& remote) {
  try {
    return join_all(git::open_repository(path).get(), remote);
  } catch (const git::Error& error) {
    throw RemoteApiFailed(
        fmt::format("cannot join the reports of `{}` with ours: {}", remote, error.what()));
  }
}

}  // namespace
}  // namespace jci

extern "C" const jci::remotes::ExchangeModule jci_remotes_exchange = {
    .find_route = jci::find_route,
    .join_fetched = jci::join_fetched,
};
