// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jci/util/git_handles.hpp"

/// How reports lie in a repository: a chain of commits for each commit that was built, with a tree of one file.
namespace jci::git {

using Transaction = std::unique_ptr<git_transaction, Release<git_transaction_free>>;

/// The names of the remotes that are configured.
class RemoteNames {
 public:
  explicit RemoteNames(git_repository* repository) { check(git_remote_list(&names_, repository)); }
  ~RemoteNames() { git_strarray_dispose(&names_); }
  RemoteNames(const RemoteNames&) = delete;
  RemoteNames& operator=(const RemoteNames&) = delete;

  char** begin() const { return names_.strings; }
  char** end() const { return names_.strings + names_.count; }

 private:
  git_strarray names_{};
};

inline constexpr const char* k_report_file = "report.txt";
inline constexpr std::string_view k_reports = "refs/jayporeci/";
/// Those of other repositories as they were last seen, in a directory of the remote's name.
inline constexpr std::string_view k_fetched = "refs/jayporeci-remotes/";

std::string report_ref(std::string_view sha);
std::string fetched_ref(std::string_view remote, std::string_view sha);

/// The newest report's commit; null where there is none.
Commit report_tip(git_repository* repository, const std::string& ref);

/// The same of a ref that somebody else filled: null also where it holds anything but a commit.
Commit fetched_tip(git_repository* repository, const std::string& ref);

/// What the commit holds; nothing where it is no report.
std::optional<std::string> report_in(git_repository* repository, git_commit* commit);

/// Locks the ref, as git does, with `<ref>.lock`. Whoever holds it is done in some milliseconds, so that is waited for.
Transaction lock_ref(git_repository* repository, const std::string& ref);

/// `commit` has `other` among what led to it, or is the same.
bool contains(git_repository* repository, git_commit* commit, git_commit* other);

/// Whether of two reports, none of which led to the other, `one` is the newer. Everybody says the same of a pair.
bool is_newer(git_commit* one, git_commit* other);

}  // namespace jci::git
