// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jci::push {

/// One ref that `git push` is about to change. See githooks(5), "pre-push".
struct PushedRef {
  std::string local_ref;  ///< "refs/heads/main", "HEAD~1", "(delete)" ...
  /// Of a commit or an annotated tag, or an expression for one; all zeros: the remote's ref is deleted.
  std::string local_id;
  std::string remote_ref;  ///< "refs/heads/main"
  std::string remote_id;   ///< all zeros: the ref is new there

  bool operator==(const PushedRef&) const = default;
};

/// What git writes to the hook's standard input: one ref a line, four words each. Throws BadConfig for anything else, naming the line.
std::vector<PushedRef> read_pushed_refs(std::string_view text);

/// What `git push --dry-run --porcelain` would change.
struct PlannedPush {
  std::string url;              ///< where to; empty where git did not tell
  std::vector<PushedRef> refs;  ///< with expressions for ids, as git does not tell these

  bool operator==(const PlannedPush&) const = default;
};

/// Reads its standard output, see git-push(1), "OUTPUT". Refs that are up to date, deleted or refused are not among them.
PlannedPush read_planned_push(std::string_view output);

bool is_deletion(const PushedRef& ref);

/// "main" of "refs/heads/main", for which a report may be meant; empty for a tag or any other ref.
std::string branch_of(const PushedRef& ref);

}  // namespace jci::push
