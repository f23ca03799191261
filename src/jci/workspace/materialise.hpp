// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "jci/core/errors.hpp"
#include "jci/workspace/entry.hpp"

namespace jci::workspace {

/// Where the bytes of files come from. Used by one thread only.
class Content {
 public:
  virtual ~Content() = default;
  /// The whole file, or the target of a link, as it shall stand in the Workspace. Valid until the next call.
  virtual std::string_view bytes_of(const Entry& entry) = 0;
};
using ContentFactory = std::function<std::unique_ptr<Content>()>;

/// Something in the slot cannot be changed by us, such as a file that a container's root has left. Another slot may do.
struct SlotUnusable : TriggerFailed {
  using TriggerFailed::TriggerFailed;
};

/// Makes the directory hold exactly `entries`, besides a `.git` at its top, which is left alone. Touches nothing that is right already: an
/// entry whose `stat` is that of its file. Notes the stat of each file it writes. Works with a few threads.
///
/// `path` is the directory's, for messages. Says whether any entry was written. Throws SlotUnusable or TriggerFailed, naming the file.
bool materialise(int root, const std::string& path, Entries& entries,
                 const ContentFactory& make_content);

}  // namespace jci::workspace
