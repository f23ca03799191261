// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/repos/git.hpp"
#include "jci/repos/git_module.hpp"
#include "jci/repos/push_url_libgit2.hpp"
#include "jci/repos/remote_url.hpp"
#include "jci/util/git_handles.hpp"

namespace jci {
namespace {

git::Repository open(const std::filesystem::path& start) {
  try {
    return git::open_repository(start);
  } catch (const git::Error& error) {
    throw BadConfig(error.what());
  }
}

// --- Revisions ---

[[noreturn]] void throw_unknown_revision(git_repository* repository, const std::string& revision) {
  if (revision == "HEAD" && git_repository_head_unborn(repository) == 1)
    throw BadConfig(
        fmt::format("`{}` has no commit yet: run `git commit` first, a commit is what is built",
                    git::root_of(repository).string()));
  throw BadConfig(fmt::format("unknown revision `{}`: `{}` has no such commit, branch or tag",
                              revision, git::root_of(repository).string()));
}

git::Commit resolve(git_repository* repository, const std::string& revision) {
  git_object* found = nullptr;
  if (git_revparse_single(&found, repository, revision.c_str()) < 0)
    throw_unknown_revision(repository, revision);
  const git::Object object(found);
  git_object* commit = nullptr;
  if (git_object_peel(&commit, object.get(), GIT_OBJECT_COMMIT) < 0)
    throw BadConfig(fmt::format("`{}` is not a commit but a {}", revision,
                                git_object_type2string(git_object_type(object.get()))));
  return git::Commit(reinterpret_cast<git_commit*>(commit));
}

// --- Branches ---

/// "main" of "refs/heads/main" and of "refs/remotes/origin/main".
std::string short_name(git_repository* repository, git_reference* branch) {
  std::string name = git_reference_shorthand(branch);
  if (git_reference_is_remote(branch) == 0) return name;
  git::Buffer remote;
  if (git_branch_remote_name(&remote, repository, git_reference_name(branch)) == 0)
    return name.substr(remote.size + 1);
  return name.substr(name.find('/') + 1);
}

/// The first branch by name of that kind whose tip is `commit`; empty if there is none.
std::string branch_with_tip(git_repository* repository, const git_oid& commit, git_branch_t kind) {
  const auto branches = git::make<git::BranchIterator>(git_branch_iterator_new, repository, kind);
  std::vector<std::string> names;
  git_reference* raw = nullptr;
  git_branch_t found_kind = kind;
  while (git_branch_next(&raw, &found_kind, branches.get()) == 0) {
    const git::Reference branch(raw);
    const git_oid* tip = git_reference_target(raw);  // null for a symbolic one such as origin/HEAD
    if (tip != nullptr && git_oid_equal(tip, &commit) != 0)
      names.push_back(short_name(repository, raw));
  }
  return names.empty() ? std::string() : *std::ranges::min_element(names);
}

/// The branch that `revision` names outright; empty if it names none.
std::string branch_named(git_repository* repository, const std::string& revision) {
  for (const auto kind : {GIT_BRANCH_LOCAL, GIT_BRANCH_REMOTE}) {
    git_reference* raw = nullptr;
    if (git_branch_lookup(&raw, repository, revision.c_str(), kind) != 0) continue;
    const git::Reference branch(raw);
    return short_name(repository, raw);
  }
  return {};
}

std::string branch_of_head(git_repository* repository) {
  if (git_repository_head_detached(repository) != 0) return {};
  const auto head = git::make<git::Reference>(git_repository_head, repository);
  return git_reference_is_branch(head.get()) != 0 ? short_name(repository, head.get())
                                                  : std::string();
}

std::string branch_of(git_repository* repository, const std::string& revision,
                      const git_oid& commit) {
  std::string branch =
      revision == "HEAD" ? branch_of_head(repository) : branch_named(repository, revision);
  if (branch.empty()) branch = branch_with_tip(repository, commit, GIT_BRANCH_LOCAL);
  if (branch.empty()) branch = branch_with_tip(repository, commit, GIT_BRANCH_REMOTE);
  return branch;
}

std::string remote_of(git_repository* repository) {
  const auto url = parse_remote_url(push_url(repository));
  return url ? to_string(*url) : std::string();
}

Repo::Facts read_facts(git_repository* repository, const std::string& revision) {
  const auto commit = resolve(repository, revision);
  const git_oid& oid = *git_commit_id(commit.get());
  const git_signature& author = *git_commit_author(commit.get());
  return {.sha = git::to_hex(oid),
          .branch = branch_of(repository, revision, oid),
          .remote = remote_of(repository),
          .commit_message = git_commit_message_raw(commit.get()),
          .author_name = author.name,
          .author_email = author.email,
          .root = git::root_of(repository)};
}

// --- Differences ---

/// Which paths differ is all we ask; their contents need not be looked at.
git_diff_options diff_options(std::uint32_t flags) {
  git_diff_options options;
  git::check(git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION));
  options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK | flags;
  return options;
}

/// The tree of the merge base; null where the two have no commit in common.
git::Tree merge_base_tree(git_repository* repository, const git_oid& one, const git_oid& other) {
  git_oid base;
  const int result = git_merge_base(&base, repository, &one, &other);
  if (result == GIT_ENOTFOUND) {
    if (git_repository_is_shallow(repository) == 1)
      throw BadConfig(
          fmt::format("`{}` is a shallow clone without a common commit of `{}` and `{}`: run "
                      "`git fetch --unshallow`",
                      git::root_of(repository).string(), git::to_hex(one), git::to_hex(other)));
    return nullptr;
  }
  git::check(result);
  const auto commit = git::make<git::Commit>(git_commit_lookup, repository, &base);
  return git::make<git::Tree>(git_commit_tree, commit.get());
}

std::vector<std::string> paths_of(git_diff* diff) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < git_diff_num_deltas(diff); ++i) {
    const git_diff_delta& delta = *git_diff_get_delta(diff, i);
    paths.emplace_back(delta.status == GIT_DELTA_DELETED ? delta.old_file.path
                                                         : delta.new_file.path);
  }
  std::ranges::sort(paths);
  paths.erase(std::ranges::unique(paths).begin(), paths.end());
  return paths;
}

std::vector<std::string> changed(git_repository* repository, const std::string& sha,
                                 const std::string& target) {
  const auto theirs = resolve(repository, target);
  const auto ours = resolve(repository, sha);
  const auto from =
      merge_base_tree(repository, *git_commit_id(theirs.get()), *git_commit_id(ours.get()));
  const auto to = git::make<git::Tree>(git_commit_tree, ours.get());
  const auto options = diff_options(0);
  return paths_of(
      git::make<git::Diff>(git_diff_tree_to_tree, repository, from.get(), to.get(), &options)
          .get());
}

std::vector<std::string> files_changed(const Repo& repo, const std::string& target) {
  // A repository of its own for each call: libgit2's may not be used by two threads at once.
  const auto repository = open(repo.root());
  try {
    return changed(repository.get(), repo.sha(), target);
  } catch (const git::Error& error) {
    throw BadConfig(
        fmt::format("cannot compare `{}` with `{}`: {}", target, repo.sha(), error.what()));
  }
}

/// Ends a comparison at its first difference.
int stop_at_once(const git_diff*, const git_diff_delta*, const char*, void*) { return GIT_EUSER; }

/// Runs a libgit2 comparison only to learn whether there is any difference.
template <typename Compare>
bool any_difference(Compare compare) {
  auto options = diff_options(GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_ENABLE_FAST_UNTRACKED_DIRS);
  options.ignore_submodules = GIT_SUBMODULE_IGNORE_DIRTY;
  options.notify_cb = stop_at_once;
  git_diff* raw = nullptr;
  const int result = compare(&raw, &options);
  const git::Diff diff(raw);
  return result == GIT_EUSER || (git::check(result), git_diff_num_deltas(raw) > 0);
}

Repo::Facts facts_of(const std::filesystem::path& start, const std::string& revision) {
  const auto repository = open(start);
  try {
    return read_facts(repository.get(), revision);
  } catch (const git::Error& error) {
    throw BadConfig(fmt::format("cannot read `{}` of `{}`: {}", revision,
                                git::root_of(repository.get()).string(), error.what()));
  }
}

bool differs(const Repo& repo) {
  const auto repository = open(repo.root());
  if (git_repository_is_bare(repository.get()) != 0) return false;
  const auto commit = resolve(repository.get(), repo.sha());
  const auto tree = git::make<git::Tree>(git_commit_tree, commit.get());
  const auto index = git::make<git::Index>(git_repository_index, repository.get());
  return any_difference([&](git_diff** diff, const git_diff_options* options) {
           return git_diff_tree_to_index(diff, repository.get(), tree.get(), index.get(), options);
         }) ||
         any_difference([&](git_diff** diff, const git_diff_options* options) {
           return git_diff_index_to_workdir(diff, repository.get(), index.get(), options);
         });
}

std::string target_of(const Repo& repo) {
  constexpr std::string_view origin = "refs/remotes/origin/";
  const auto repository = open(repo.root());
  git_reference* raw = nullptr;
  if (git_reference_lookup(&raw, repository.get(), "refs/remotes/origin/HEAD") == 0) {
    const git::Reference head(raw);
    const char* target = git_reference_symbolic_target(raw);
    if (target != nullptr && std::string_view(target).starts_with(origin))
      return std::string(std::string_view(target).substr(origin.size()));
  }
  for (const char* const name : {"main", "master"})
    if (!branch_named(repository.get(), name).empty() ||
        !branch_named(repository.get(), std::string("origin/") + name).empty())
      return name;
  return {};
}

std::vector<std::optional<std::string>> ids_of(const std::filesystem::path& root,
                                               const std::vector<std::string>& expressions) {
  const auto repository = open(root);
  std::vector<std::optional<std::string>> ids;
  for (const std::string& expression : expressions) {
    git_object* raw = nullptr;
    const int result = git_revparse_single(&raw, repository.get(), expression.c_str());
    const git::Object object(raw);
    ids.push_back(result == 0 ? std::optional(git::to_hex(*git_object_id(raw))) : std::nullopt);
  }
  return ids;
}

std::filesystem::path root_of(const std::filesystem::path& start) {
  return git::root_of(open(start).get());
}

std::optional<std::string> setting_of(const std::filesystem::path& start, const std::string& name) {
  return git::setting(open(start).get(), name.c_str());
}

}  // namespace
}  // namespace jci

extern "C" const jci::repos::GitModule jci_repos_git = {
    .read_facts = jci::facts_of,
    .files_changed = jci::files_changed,
    .working_tree_differs = jci::differs,
    .target_branch = jci::target_of,
    .object_ids = jci::ids_of,
    .root = jci::root_of,
    .setting = jci::setting_of,
};
