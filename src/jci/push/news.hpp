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

  /// Keeps a line, beside others of the same log, until somebody is there to read it.
  void leave(const std::filesystem::path& log, const std::string& line) const;
  /// What to tell should the one who writes `log` die before `ended`. It lives as long as a process holds the log's lock, see `in_background`.
  void begin(const std::filesystem::path& log, const std::string& line_if_it_dies) const;
  void ended(const std::filesystem::path& log) const;
  /// All that is to be told, in order of the logs; once.
  std::vector<std::string> take() const;

 private:
  std::filesystem::path directory_;
};

}  // namespace jci::push
