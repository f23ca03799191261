// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jci/remotes/forge.hpp"

namespace jci {

/// What Gitea took over from GitHub's API: the paths and shapes of repositories, pull requests, comments and statuses.
class GithubLike : public Forge {
 public:
  std::string default_branch() override;
  std::optional<Pull> open_pull(const std::string& base, const std::string& title,
                                const std::string& body) override;
  Pull read_pull(std::int64_t number) override;
  void write_body(std::int64_t number, const std::string& body) override;
  std::int64_t add_comment(std::int64_t pull, const std::string& body) override;
  bool edit_comment(std::int64_t pull, std::int64_t comment, const std::string& body) override;
  void set_status(const CommitStatus& status) override;
  void interrupt() override { api_.interrupt(); }

 protected:
  GithubLike(ForgeSettings settings, ApiSettings api);

  // ---- what differs

  /// What the server said about itself when `default_branch` was asked for.
  virtual void know_repository(const boost::json::object& /*repository*/) {}
  /// The word for it in a commit's status.
  virtual std::string_view state_of(Status status) const = 0;
  /// A pull request was refused: one that is there already, nothing where there is nothing to merge, else RemoteApiFailed.
  virtual std::optional<Pull> not_opened(const Reply& reply, const std::string& base,
                                         const std::string& doing) = 0;
  /// The refusal of a status means that the server does not know the commit.
  virtual bool lacks_commit(const Reply& reply) const = 0;

  // ---- what those need

  static std::string path_of(const std::string& owner, const std::string& repo);
  static Pull pull_of(const boost::json::object& pull);
  /// The id of the last comment that begins with `mark`; 0 if none does.
  static std::int64_t newest_with(const std::string& mark, const boost::json::value& comments);
  /// For people, why something may be missing.
  std::string not_pushed() const;
  std::string short_sha() const { return settings_.sha.substr(0, 10); }

  const ForgeSettings settings_;
  std::string path_;  // of the repository
  Api api_;
};

}  // namespace jci
