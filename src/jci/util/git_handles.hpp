// SPDX-License-Identifier: MIT
#pragma once

#include <git2.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

/// Owners and errors for libgit2. Only for sources of libjci_git.so (`*_libgit2.cpp`).
namespace jci::git {

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* handle) const noexcept {
    release(handle);
  }
};

using Repository = std::unique_ptr<git_repository, Release<git_repository_free>>;
using Object = std::unique_ptr<git_object, Release<git_object_free>>;
using Commit = std::unique_ptr<git_commit, Release<git_commit_free>>;
using Tree = std::unique_ptr<git_tree, Release<git_tree_free>>;
using Blob = std::unique_ptr<git_blob, Release<git_blob_free>>;
using Reference = std::unique_ptr<git_reference, Release<git_reference_free>>;
using BranchIterator = std::unique_ptr<git_branch_iterator, Release<git_branch_iterator_free>>;
using ReferenceIterator =
    std::unique_ptr<git_reference_iterator, Release<git_reference_iterator_free>>;
using Config = std::unique_ptr<git_config, Release<git_config_free>>;
using ConfigIterator = std::unique_ptr<git_config_iterator, Release<git_config_iterator_free>>;
using Diff = std::unique_ptr<git_diff, Release<git_diff_free>>;
using Index = std::unique_ptr<git_index, Release<git_index_free>>;
using Odb = std::unique_ptr<git_odb, Release<git_odb_free>>;
using OdbObject = std::unique_ptr<git_odb_object, Release<git_odb_object_free>>;
using Signature = std::unique_ptr<git_signature, Release<git_signature_free>>;
using FilterList = std::unique_ptr<git_filter_list, Release<git_filter_list_free>>;

/// A string that libgit2 allocates.
struct Buffer : git_buf {
  Buffer() : git_buf{} {}
  ~Buffer() { git_buf_dispose(this); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
};

/// libgit2 said no. `code` is its error code (`GIT_ENOTFOUND`, ...).
struct Error : std::runtime_error {
  Error(int error_code, const std::string& message)
      : std::runtime_error(message), code(error_code) {}
  int code;
};

/// Passes a non-negative result on; throws Error with libgit2's own words otherwise.
int check(int result);

/// `make<Commit>(git_commit_lookup, repository, &oid)`: calls a function whose first parameter is where the handle goes.
template <typename Handle, typename Function, typename... Arguments>
Handle make(Function function, Arguments... arguments) {
  typename Handle::pointer handle = nullptr;
  check(function(&handle, arguments...));
  return Handle(handle);
}

/// The same where absence is normal: null for `GIT_ENOTFOUND`.
template <typename Handle, typename Function, typename... Arguments>
Handle find(Function function, Arguments... arguments) {
  typename Handle::pointer handle = nullptr;
  if (const int result = function(&handle, arguments...); result != GIT_ENOTFOUND) check(result);
  return Handle(handle);
}

/// Once, however often it is called. Throws Error.
void start_libgit2();

/// Opens the repository that `git -C start` would use: `$GIT_DIR` (with `$GIT_WORK_TREE`) if set, else found upwards from
/// `start`; bare ones and linked worktrees too. Like git, refuses one that belongs to another user, unless `safe.directory`
/// names it. Throws Error, whose message is complete, with `GIT_ENOTFOUND`, `GIT_EOWNER` or another code.
/// Starts libgit2.
Repository open_repository(const std::filesystem::path& start);

/// The working tree, or the git directory of a bare repository. Without a trailing slash.
std::filesystem::path root_of(git_repository* repository);

/// The value of a setting, from all of git's configuration files.
std::optional<std::string> setting(git_repository* repository, const char* name);

std::string to_hex(const git_oid& oid);

}  // namespace jci::git
