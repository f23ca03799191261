// SPDX-License-Identifier: MIT
#include "jci/workspace/listing_libgit2.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/core/errors.hpp"

namespace jci::workspace {
namespace {

BlobId to_blob_id(const git_oid& oid) {
  BlobId id;
  std::memcpy(id.data(), oid.id, id.size());
  return id;
}

Kind kind_of(std::uint32_t mode) {
  if (S_ISLNK(mode)) return Kind::link;
  if (mode == GIT_FILEMODE_COMMIT) return Kind::submodule;
  return (mode & S_IXUSR) != 0 ? Kind::executable : Kind::file;
}

void sort_by_path(Entries& entries) {
  if (!std::ranges::is_sorted(entries, {}, &Entry::path))
    std::ranges::sort(entries, {}, &Entry::path);
}

// --- A commit's tree ---

bool is_dot_git(std::string_view name) {
  return name.size() == 4 && std::ranges::equal(name, std::string_view(".git"), [](char a, char b) {
           return a == b || (a >= 'A' && a <= 'Z' && a + 32 == b);
         });
}

/// A tree is data from outside: nothing keeps a hostile one from naming paths that lead out of it.
void check_name(std::string_view name, const std::string& folder) {
  const bool bad = name.empty() || name == "." || name == ".." || name.find('/') != name.npos ||
                   is_dot_git(name);
  if (bad)
    throw TriggerFailed(
        fmt::format("the commit holds the path `{}{}`, which git refuses, too", folder, name));
}

void add_tree(git_repository* repository, const git_oid& oid, const std::string& folder,
              Entries& entries) {
  const auto tree = git::make<git::Tree>(git_tree_lookup, repository, &oid);
  for (std::size_t i = 0; i < git_tree_entrycount(tree.get()); ++i) {
    const git_tree_entry* item = git_tree_entry_byindex(tree.get(), i);
    const std::string_view name = git_tree_entry_name(item);
    check_name(name, folder);
    auto path = folder;
    path += name;
    const git_oid& id = *git_tree_entry_id(item);
    if (git_tree_entry_type(item) == GIT_OBJECT_TREE)
      add_tree(repository, id, path + "/", entries);
    else
      entries.push_back({.path = std::move(path),
                         .blob = to_blob_id(id),
                         .kind = kind_of(git_tree_entry_filemode(item))});
  }
}

// --- The working tree ---

class WorkingTree {
 public:
  explicit WorkingTree(git_repository* repository)
      : repository_(repository),
        root_(git_repository_workdir(repository)),
        index_(git::make<git::Index>(git_repository_index, repository)) {}

  Entries list() {
    for (std::size_t i = 0; i < git_index_entrycount(index_.get()); ++i)
      add_tracked(*git_index_get_byindex(index_.get(), i));
    replace_what_differs();
    Entries entries;
    entries.reserve(by_path_.size());
    for (auto& [path, entry] : by_path_) entries.push_back(std::move(entry));
    return entries;
  }

 private:
  void add_tracked(const git_index_entry& item) {
    // The sides of a conflict are no files; what stands in the working tree is, and comes with the differences.
    if (git_index_entry_stage(&item) != 0) return;
    by_path_[item.path] = {
        .path = item.path, .blob = to_blob_id(item.id), .kind = kind_of(item.mode)};
  }

  void replace_what_differs() {
    git_diff_options options;
    git::check(git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION));
    options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_INCLUDE_UNTRACKED |
                    GIT_DIFF_RECURSE_UNTRACKED_DIRS | GIT_DIFF_SKIP_BINARY_CHECK |
                    GIT_DIFF_INCLUDE_UNREADABLE;
    options.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL;
    const auto diff =
        git::make<git::Diff>(git_diff_index_to_workdir, repository_, index_.get(), &options);
    for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i)
      replace(*git_diff_get_delta(diff.get(), i));
  }

  void replace(const git_diff_delta& delta) {
    const std::string path = delta.new_file.path;
    if (path.ends_with('/')) return;  // another repository inside this one
    if (auto entry = read(path))
      by_path_[path] = std::move(*entry);
    else
      by_path_.erase(path);
  }

  /// Nothing where there is no file (any more), or something that git does not store, such as a socket.
  std::optional<Entry> read(const std::string& path) const {
    const auto file = root_ + path;
    struct stat st;
    if (::lstat(file.c_str(), &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)))
      return std::nullopt;
    git_oid id;
    if (S_ISLNK(st.st_mode))
      hash_link(file, id);
    else
      git::check(git_odb_hashfile(&id, file.c_str(), GIT_OBJECT_BLOB));
    return Entry{
        .path = path, .blob = to_blob_id(id), .kind = kind_of(st.st_mode), .from_worktree = true};
  }

  static void hash_link(const std::string& file, git_oid& id) {
    const auto target = std::filesystem::read_symlink(file).string();
    git::check(git_odb_hash(&id, target.data(), target.size(), GIT_OBJECT_BLOB));
  }

  git_repository* repository_;
  std::string root_;
  git::Index index_;
  std::map<std::string, Entry> by_path_;
};

}  // namespace

Entries list_tree(git_repository* repository, const git_oid& tree) {
  Entries entries;
  add_tree(repository, tree, "", entries);
  sort_by_path(entries);
  return entries;
}

Entries list_working_tree(git_repository* repository) { return WorkingTree(repository).list(); }

}  // namespace jci::workspace
