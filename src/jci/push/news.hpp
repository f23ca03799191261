// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace jci::push {

/// What checks in the background leave behind of one repository: their logs, and what has not been told yet. A directory per repository in
/// `state`/pushes; the newest 20 logs are kept.
class News {
 public:
  /// Makes the directory. Throws TriggerFailed.
  News(const std::filesystem::path& state, const std::filesystem::path& root);

  /// Where the log of a check of `sha` goes that begins now; removes logs that are too old.
  std::filesystem::path new_log(const std::string& sha) const;

  /// Keeps a line until somebody is there to read it.
  void leave(const std::filesystem::path& log, const std::string& line) const;
  /// All such lines, in order of their logs; they are told once.
  std::vector<std::string> take() const;

 private:
  std::filesystem::path directory_;
};

}  // namespace jci::push
