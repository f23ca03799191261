// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace jci {

/// The commit being built. The facts are read once, when the repo is made; getters do no I/O.
class Repo {
 public:
  struct Facts {
    std::string sha;     ///< 40 hex digits
    std::string branch;  ///< short name; empty on a detached HEAD that no branch points at
    std::string
        remote;  ///< first push url, as an https/ssh url without user and password; empty if there is none
    std::string commit_message;  ///< whole, as committed
    std::string author_name = {};
    std::string author_email = {};
    std::filesystem::path
        root{};  ///< the working tree, or the git directory of a bare repository; empty for a mock

    bool operator==(const Facts&) const = default;
  };

  explicit Repo(Facts facts) : facts_(std::move(facts)) {}
  virtual ~Repo() = default;

  const Facts& facts() const { return facts_; }
  const std::string& sha() const { return facts_.sha; }
  const std::string& branch() const { return facts_.branch; }
  const std::string& remote() const { return facts_.remote; }
  const std::string& commit_message() const { return facts_.commit_message; }
  const std::string& author_name() const { return facts_.author_name; }
  const std::string& author_email() const { return facts_.author_email; }
  const std::filesystem::path& root() const { return facts_.root; }

  /// Paths, relative to the root and sorted, that differ between `target` (any revision git understands; the merge base with it counts)
  /// and the commit. Throws BadConfig for an unknown revision.
  virtual std::vector<std::string> files_changed(const std::string& target) const = 0;

 private:
  Facts facts_;
};

/// A commit message has `text` as one of its lines, or inside a line.
inline bool contains(const std::string& commit_message, const std::string& text) {
  return commit_message.find(text) != std::string::npos;
}

}  // namespace jci
