// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "jci/core/state.hpp"
#include "jci/core/status.hpp"
#include "jci/util/fd.hpp"

namespace jci::history {

/// A final report that is not yet where it should be.
struct Letter {
  std::string pipe_id;  ///< of the run it is about
  std::string remote;   ///< its name, for people
  std::string address;  ///< as `Remote::address` gave it
  std::string report;   ///< as rendered
  Status status = Status::pending;
  WallTime at;

  bool operator==(const Letter&) const = default;
};

/// Reports that wait for a remote: `state_directory`/outbox/, one file a letter, named so that they sort by age. A letter is on the disk before
/// `put` returns and there until `drop`, so none is lost however a process ends; one that dies between delivering a letter and dropping
/// it makes the remote see the same report twice.
class Outbox {
 public:
  static constexpr std::chrono::hours k_longest_wait{7 * 24};

  explicit Outbox(const std::filesystem::path& state_directory);

  /// Returns the letter's name. Throws std::system_error, std::filesystem::filesystem_error.
  std::string put(const Letter& letter);
  void drop(const std::string& name);

  /// Names, the oldest first; none where there is no outbox. What is no letter is not among them.
  std::vector<std::string> names() const;
  /// Nothing where it is gone, or cannot be read.
  std::optional<Letter> read(const std::string& name) const;

  /// The run that wrote it still goes on, and delivers it itself.
  bool is_in_hands(const Letter& letter) const;

  /// Whoever delivers holds this; nothing where somebody else does.
  std::optional<Fd> lock() const;

 private:
  std::filesystem::path state_;
  std::filesystem::path directory_;
};

}  // namespace jci::history
