// SPDX-License-Identifier: MIT
#include "jci/remotes/gitea.hpp"

#include <fmt/format.h>

#include <utility>

#include "jci/remotes/github_like.hpp"
#include "jci/util/json.hpp"

namespace jci {
namespace {

namespace json = boost::json;

// Nothing documents a limit; this much was seen to be accepted.
constexpr std::size_t k_longest_body = 100'000;
constexpr std::size_t k_longest_description = 255;
constexpr int k_page = 20;  // pull requests in an answer: with their bodies, which may be long

const ForgeNames& names() {
  static const ForgeNames names{
      .service = "Gitea", .token = "JAYPORE_GITEA_TOKEN", .root = "JAYPORE_GITEA_ROOT"};
  return names;
}

ApiSettings api_settings(const ForgeSettings& settings) {
  ApiSettings api = api_settings_of(
      names(), settings,
      "the scopes `write:repository` and `write:issue`, and a user who may write there");
  api.root += "/api/v1";
  api.headers = {{"Authorization", "token " + settings.token}, {"Accept", "application/json"}};
  return api;
}

class Gitea final : public GithubLike {
 public:
  explicit Gitea(const ForgeSettings& settings) : GithubLike(settings, api_settings(settings)) {}

  std::string kind() const override { return "gitea"; }
  std::size_t longest_body() const override { return k_longest_body; }
  std::size_t longest_description() const override { return k_longest_description; }

  // There is no filter by branch, and before 1.22 no other way either.
  std::optional<Pull> find_pull(const std::string& base) override {
    for (int page = 1;; ++page) {
      const Reply reply =
          api_.demand("GET",
                      fmt::format("{}/pulls?state=open&sort=recentupdate&limit={}&page={}", path_,
                                  k_page, page),
                      fmt::format("look for pull requests of `{}`", settings_.branch));
      if (!reply.body.is_array() || reply.body.get_array().empty()) return std::nullopt;
      for (const json::value& pull : reply.body.get_array())
        if (pull.is_object() && is_ours(pull.get_object(), base)) return pull_of(pull.get_object());
    }
  }

  // All of them come in one answer.
  std::int64_t find_comment(std::int64_t pull, const std::string& mark) override {
    return newest_with(mark, api_.demand("GET", fmt::format("{}/issues/{}/comments", path_, pull),
                                         fmt::format("read the comments of pull request {}", pull))
                                 .body);
  }

 private:
  void know_repository(const json::object& repository) override {
    repository_id_ = number_of(repository, "id");
  }

  // A warning does not keep a pull request from being merged, so it is for skipped jobs alone.
  std::string_view state_of(Status status) const override {
    switch (status) {
      case Status::pending:
      case Status::running:
        return "pending";
      case Status::passed:
        return "success";
      case Status::failed:
      case Status::timeout:
        return "failure";
      case Status::skipped:
        return "warning";
      case Status::cancelled:
        break;
    }
    return "error";
  }

  std::optional<Pull> not_opened(const Reply& reply, const std::string& base,
                                 const std::string& doing) override {
    if (reply.status() == 409) return find_pull(base);  // somebody else was faster
    // The repository is there, it was read: what is missing is the branch.
    if (reply.status() == 404) api_.refuse_for_now(reply, doing, not_pushed());
    api_.refuse(reply, doing);
  }

  bool lacks_commit(const Reply& reply) const override {
    return reply.status() == 422 || (reply.status() == 404 && repository_id_ != 0);
  }

  /// From our branch of this very repository, not from a fork's that is called the same.
  bool is_ours(const json::object& pull, const std::string& base) const {
    const json::object& head = object_of(pull, "head");
    return text_of(head, "ref") == settings_.branch &&
           text_of(object_of(pull, "base"), "ref") == base &&
           (repository_id_ == 0 || number_of(head, "repo_id") == repository_id_);
  }

  std::int64_t repository_id_ = 0;  // 0: not known
};

}  // namespace

ForgeSettings gitea_settings_from_env(const Variables& variables, const Repo& repo) {
  return forge_settings_from_env(names(), variables, repo);
}

std::shared_ptr<Remote> make_gitea_remote(ForgeSettings settings) {
  expect_usable(settings);
  auto forge = std::make_unique<Gitea>(settings);
  return make_forge_remote(std::move(forge), std::move(settings));
}

std::shared_ptr<Remote> gitea_remote_at(const json::object& address, const Variables& variables) {
  return make_gitea_remote(forge_settings_at(names(), address, variables));
}

}  // namespace jci
