// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/util/git_handles.hpp"
#include "jci/workspace/content_libgit2.hpp"
#include "jci/workspace/filters_libgit2.hpp"
#include "jci/workspace/folder_io.hpp"
#include "jci/workspace/git_dir_libgit2.hpp"
#include "jci/workspace/listing_libgit2.hpp"
#include "jci/workspace/manifest.hpp"
#include "jci/workspace/materialise.hpp"
#include "jci/workspace/slot.hpp"
#include "jci/workspace/umask.hpp"
#include "jci/workspace/workspace_module.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;
using namespace workspace;

/// A name for the repository that people recognise and that no other one has. Linked worktrees share their objects and so their slots.
std::string slot_key(git_repository* repository) {
  std::string path = git_repository_commondir(repository);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;

  fs::path named = path;
  if (named.filename() == ".git") named = named.parent_path();
  std::string name = named.filename().string();
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '_'; }, '-');
  return fmt::format("{}-{:016x}", name, hash);
}

/// What goes into a Workspace: a commit's tree, or the working tree.
struct Source {
  git_repository* repository;
  git_oid commit;
  git_oid tree;
  bool dirty;

  std::string tree_id() const { return dirty ? std::string() : git::to_hex(tree); }

  Entries list() const {
    return dirty ? list_working_tree(repository) : list_tree(repository, tree);
  }

  ContentOptions content(std::uint64_t filters) const {
    const char* work_tree = git_repository_workdir(repository);
    return {.git_dir = git_repository_path(repository),
            .work_tree = work_tree == nullptr ? "" : work_tree,
            .filters = filters != 0,
            .commit = dirty ? std::nullopt : std::optional(commit)};
  }
};

/// Gives those entries the stat of `known` that are in it. Says whether that is all of both.
bool take_over_stats(Entries& entries, const Entries& known_entries) {
  bool all = known_entries.size() == entries.size();
  auto known = known_entries.begin();
  for (auto& entry : entries) {
    while (known != known_entries.end() && known->path < entry.path) ++known;
    const bool same = known != known_entries.end() && known->path == entry.path &&
                      known->blob == entry.blob && known->kind == entry.kind;
    if (same) entry.stat = known->stat;
    all = all && same;
  }
  return all;
}

/// What the slot shall hold. Entries have the stat of their file where it stands since the last run.
struct Wanted {
  Manifest manifest;
  bool as_last_time;  ///< the very same list, all with the stat of the last run
};

Wanted what_is_wanted(const Source& source, std::optional<Manifest> last) {
  Manifest wanted{.tree = source.tree_id(), .umask = current_umask(), .entries = {}};
  // The same tree has the same files: reading them out of git can be spared.
  const bool same_tree = last && !source.dirty && last->tree == wanted.tree;
  wanted.entries = same_tree ? std::move(last->entries) : source.list();
  wanted.filters = filter_fingerprint(source.repository, wanted.entries);
  if (!last || last->umask != wanted.umask || last->filters != wanted.filters) {
    for (auto& entry : wanted.entries) entry.stat = {};
    return {std::move(wanted), false};
  }
  const bool all = same_tree || take_over_stats(wanted.entries, last->entries);
  const bool unchanged = all && last->tree == wanted.tree;
  return {std::move(wanted), unchanged};
}

/// What git shall find in the Workspace's index: the commit's files. In a working tree those that equal the commit's have their stat, so the others
/// show as modified.
Entries committed(const Source& source, const Manifest& manifest) {
  if (!source.dirty) return manifest.entries;
  auto entries = list_tree(source.repository, source.tree);
  take_over_stats(entries, manifest.entries);
  return entries;
}

/// Waits, some milliseconds at most, until the clock of the file system shows a later time than the newest file's: a change from now
/// on then has another ctime.
void wait_for_next_tick(const Entries& entries) {
  std::int64_t newest = 0;
  for (const auto& entry : entries) newest = std::max(newest, entry.stat.ctime);
  for (int i = 0; i < 40; ++i) {
    timespec now;
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec * 1'000'000'000 + now.tv_nsec > newest) return;
    ::usleep(500);
  }
}

/// Brings the slot's tree in order.
void fill(const Slot& slot, const Source& source) {
  auto [wanted, as_last_time] = what_is_wanted(source, read_manifest(slot.folder.get()));

  struct stat st;
  if (::fstatat(slot.folder.get(), "run", &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode))
    remove(slot.folder.get(), "run");
  make_folder(slot.folder.get(), "run");
  const Fd root = open_folder(slot.folder.get(), "run");
  if (::fchmod(root.get(), 0777 & ~wanted.umask) != 0)
    throw std::system_error(errno, std::generic_category(), "change the mode of `run`");

  const auto options = source.content(wanted.filters);
  const bool written = materialise(root.get(), (slot.path / "run").string(), wanted.entries,
                                   [&options] { return make_content(options); });
  if (written) wait_for_next_tick(wanted.entries);
  if (written || !as_last_time || source.dirty ||
      ::faccessat(slot.folder.get(), "index", R_OK, 0) != 0)
    write_index(slot.path.string(), root.get(), committed(source, wanted));
  if (written || !as_last_time) write_manifest(slot.folder.get(), wanted);
  write_git_dir(slot.folder.get(), root.get(), source.repository, source.commit);
}

/// The same with errors that a user can read.
void fill_slot(const Slot& slot, const Source& source) {
  try {
    fill(slot, source);
  } catch (const std::system_error& error) {
    const auto message =
        fmt::format("cannot prepare the workspace `{}`: {}", slot.path.string(), error.what());
    if (error.code() == std::errc::permission_denied ||
        error.code() == std::errc::operation_not_permitted)
      throw SlotUnusable(message);
    throw TriggerFailed(message);
  } catch (const git::Error& error) {
    throw TriggerFailed(fmt::format("cannot read the files to build from `{}`: {}",
                                    git_repository_path(source.repository), error.what()));
  }
}

Workspace prepare(const Source& source, const fs::path& cache) {
  const auto workspaces = cache / "workspaces";
  const auto repository = workspaces / slot_key(source.repository);
  auto slot = take_slot(repository);
  try {
    fill_slot(slot, source);
  } catch (const SlotUnusable&) {
    discard_slot(workspaces, std::move(slot));
    slot = take_slot(repository);
    fill_slot(slot, source);
  }
  tidy_slots(workspaces, repository);
  return {slot.path / "run", source.tree_id(), std::move(slot.lock)};
}

Workspace prepare_of(const Repo& repo, const fs::path& cache, bool dirty) {
  git::Repository repository;
  Source source{};
  try {
    repository = git::open_repository(repo.root());
    source.repository = repository.get();
    source.dirty = dirty;
    git::check(git_oid_fromstr(&source.commit, repo.sha().c_str()));
    const auto commit = git::make<git::Commit>(git_commit_lookup, repository.get(), &source.commit);
    source.tree = *git_commit_tree_id(commit.get());
  } catch (const git::Error& error) {
    throw TriggerFailed(fmt::format("cannot read commit `{}`: {}", repo.sha(), error.what()));
  }
  if (dirty && git_repository_is_bare(repository.get()) != 0)
    throw BadConfig(
        fmt::format("`{}` is a bare repository: it has no working tree to build with --dirty",
                    repo.root().string()));
  return prepare(source, cache);
}

Workspace commit(const Repo& repo, const fs::path& cache) { return prepare_of(repo, cache, false); }
Workspace working_tree(const Repo& repo, const fs::path& cache) {
  return prepare_of(repo, cache, true);
}

}  // namespace
}  // namespace jci

extern "C" const jci::workspace::WorkspaceModule jci_workspace = {
    .prepare_commit = jci::commit, .prepare_dirty = jci::working_tree};
