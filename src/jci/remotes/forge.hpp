// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jci/core/remote.hpp"
#include "jci/core/repo.hpp"
#include "jci/remotes/api.hpp"
#include "jci/remotes/variables.hpp"

namespace jci {

// What GitHub, Gitea and GitLab have in common: a branch has a pull request, and a commit has statuses.

/// Which commit of which repository is reported on, and how.
struct ForgeSettings {
  std::string root;   ///< "https://git.example.org/gitea"; GitHub: of its API
  std::string owner;  ///< with a slash in it where groups are nested (GitLab)
  std::string repo;
  std::string branch;  ///< empty: there is only the commit's status
  std::string sha;
  std::string token;
  std::string title = {};  ///< of a pull request that is opened; empty: the branch
  std::string context =
      "jaypore-ci";      ///< which pipeline of the repository this is: the name of its status
  bool comment = false;  ///< the report is a comment of ours, not a part of the pull request's body
  bool job_statuses = false;  ///< one for each job as well
  bool checks = false;        ///< GitHub: check runs, where the token may write them
  std::string ca_file = {};   ///< empty: the system's certificates
  std::chrono::milliseconds timeout{20'000};  ///< of one call
  std::int64_t pull = 0;                      ///< known from before; 0: not known
};

struct Pull {
  std::int64_t number = 0;
  std::string body = {};
  std::string page = {};  ///< url for people
};

struct CommitStatus {
  std::string context;
  Status status = Status::pending;
  std::string description;  ///< for people, one line
  std::string page = {};    ///< url for people; may be empty
  std::string report = {};  ///< of the pipeline's own status
  std::optional<WallTime> started_at = std::nullopt;
  std::optional<WallTime> ended_at = std::nullopt;
};

/// What one kind of server says and does. Calls throw RemoteApiFailed.
class Forge {
 public:
  virtual ~Forge() = default;

  /// "github", "gitea", "gitlab".
  virtual std::string kind() const = 0;
  /// Of a body or a comment, in characters.
  virtual std::size_t longest_body() const = 0;
  /// Of a status.
  virtual std::size_t longest_description() const = 0;

  virtual std::string default_branch() = 0;
  /// The open one from the branch to `base`.
  virtual std::optional<Pull> find_pull(const std::string& base) = 0;
  /// Nothing where the branch has no commit that `base` lacks. Failing for now: the branch has not been pushed yet.
  virtual std::optional<Pull> open_pull(const std::string& base, const std::string& title,
                                        const std::string& body) = 0;
  virtual Pull read_pull(std::int64_t number) = 0;
  virtual void write_body(std::int64_t number, const std::string& body) = 0;

  /// The newest comment that has `mark` in it; 0 if none has.
  virtual std::int64_t find_comment(std::int64_t pull, const std::string& mark) = 0;
  virtual std::int64_t add_comment(std::int64_t pull, const std::string& body) = 0;
  /// False: it is gone, or not ours.
  virtual bool edit_comment(std::int64_t pull, std::int64_t comment, const std::string& body) = 0;

  /// Failing for now: the commit has not been pushed yet.
  virtual void set_status(const CommitStatus& status) = 0;

  /// What people should know once all is published; empty if nothing.
  virtual std::string remark() const { return {}; }
  virtual void interrupt() = 0;
};

/// Publishes to the pull request of the branch, found or opened against the default branch, and to the commit's status. A commit of the default branch itself, or
/// of no branch, has only its status. What equals what was published before makes no request.
std::shared_ptr<Remote> make_forge_remote(std::unique_ptr<Forge> forge, ForgeSettings settings);

/// Throws BadConfig for what cannot work: an address that is none, no repository, a token with odd characters.
void expect_usable(const ForgeSettings& settings);

// ---- for those that make one

/// What one kind of server is called, where it is, and how the environment tells us.
struct ForgeNames {
  std::string service;  ///< for people: "GitHub"
  std::string token;    ///< the variable: "JAYPORE_GITHUB_TOKEN"
  std::string root;     ///< the variable: "JAYPORE_GITHUB_API"
  std::string default_root =
      {};  ///< where that is not set; empty: the server of the repository's remote
  bool nested_owners =
      false;  ///< an owner may have a slash; else what is before the last one is the server's path
};

/// From the environment and the repository's remote. Throws BadConfig naming every variable that is missing, or why the remote is none.
ForgeSettings forge_settings_from_env(const ForgeNames& names, const Variables& variables,
                                      const Repo& repo);

/// The inverse of a forge's `Remote::address`, the token from the environment. Throws BadConfig.
ForgeSettings forge_settings_at(const ForgeNames& names, const boost::json::object& address,
                                const Variables& variables);

/// The settings of its Api, without headers.
ApiSettings api_settings_of(const ForgeNames& names, const ForgeSettings& settings,
                            std::string rights);

}  // namespace jci
