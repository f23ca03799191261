// SPDX-License-Identifier: MIT
#include "jci/remotes/github.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <map>
#include <utility>

#include "jci/remotes/block.hpp"
#include "jci/remotes/chat_text.hpp"
#include "jci/remotes/github_like.hpp"
#include "jci/util/json.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

namespace json = boost::json;

constexpr std::size_t k_longest_body = 65'536;
constexpr std::size_t k_longest_description = 140;
constexpr std::size_t k_longest_summary = 65'535;
constexpr int k_page = 50;  // comments in an answer: they may be long

const ForgeNames& names() {
  static const ForgeNames names{.service = "GitHub",
                                .token = "JAYPORE_GITHUB_TOKEN",
                                .root = "JAYPORE_GITHUB_API",
                                .default_root = "https://api.github.com"};
  return names;
}

/// The conclusions of a check run.
std::string_view conclusion_of(Status status) {
  switch (status) {
    case Status::passed:
      return "success";
    case Status::timeout:
      return "timed_out";
    case Status::skipped:
      return "skipped";
    case Status::cancelled:
      return "cancelled";
    case Status::pending:
    case Status::running:
    case Status::failed:
      break;
  }
  return "failure";
}

std::string_view check_state_of(Status status) {
  if (is_final(status)) return "completed";
  return status == Status::pending ? "queued" : "in_progress";
}

std::string iso_time(WallTime at) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

ApiSettings api_settings(const ForgeSettings& settings) {
  ApiSettings api = api_settings_of(
      names(), settings,
      "to read the repository, and to write its pull requests and commit statuses (scope `repo`)");
  api.headers = {{"Authorization", "Bearer " + settings.token},
                 {"Accept", "application/vnd.github+json"},
                 {"X-GitHub-Api-Version", "2022-11-28"}};
  return api;
}

class Github final : public GithubLike {
 public:
  explicit Github(const ForgeSettings& settings)
      : GithubLike(settings, api_settings(settings)),
        owner_(settings.owner),
        checks_(settings.checks) {}

  std::string kind() const override { return "github"; }
  std::size_t longest_body() const override { return k_longest_body; }
  std::size_t longest_description() const override { return k_longest_description; }

  std::optional<Pull> find_pull(const std::string& base) override {
    const Reply reply =
        api_.demand("GET",
                    fmt::format("{}/pulls?state=open&head={}:{}&base={}&per_page={}", path_,
                                rest::encode(owner_), rest::encode(settings_.branch),
                                rest::encode(base), k_page),
                    fmt::format("look for pull requests of `{}`", settings_.branch));
    if (!reply.body.is_array()) return std::nullopt;
    for (const json::value& pull : reply.body.get_array())
      if (pull.is_object()) return pull_of(pull.get_object());
    return std::nullopt;
  }

  std::int64_t find_comment(std::int64_t pull, const std::string& mark) override {
    std::int64_t newest = 0;
    for (int page = 1;; ++page) {
      const Reply reply = api_.demand(
          "GET",
          fmt::format("{}/issues/{}/comments?per_page={}&page={}", path_, pull, k_page, page),
          fmt::format("read the comments of pull request {}", pull));
      if (const auto found = newest_with(mark, reply.body); found != 0) newest = found;
      if (!reply.body.is_array() || reply.body.get_array().size() < k_page) return newest;
    }
  }

  void set_status(const CommitStatus& status) override {
    if (!checks_ || !write_check(status)) GithubLike::set_status(status);
  }

  std::string remark() const override { return remark_; }

 private:
  // Reading a repository that was renamed is redirected, writing is not.
  void know_repository(const json::object& repository) override {
    const std::string name = text_of(repository, "name");
    const std::string owner = text_of(object_of(repository, "owner"), "login");
    if (name.empty() || owner.empty()) return;
    path_ = path_of(owner, name);
    owner_ = owner;
  }

  // GitHub has neither warnings nor skipped ones.
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
      case Status::cancelled:
        break;
    }
    return "error";
  }

  // One code for three reasons, told apart only by their texts.
  std::optional<Pull> not_opened(const Reply& reply, const std::string& base,
                                 const std::string& doing) override {
    if (reply.status() != 422) api_.refuse(reply, doing);
    const std::string said = message_in(reply.answer);
    if (said.find("already exists") != std::string::npos) return find_pull(base);
    if (said.find("No commits between") != std::string::npos) return std::nullopt;
    api_.refuse_for_now(reply, doing, not_pushed());
  }

  bool lacks_commit(const Reply& reply) const override { return reply.status() == 422; }

  /// False, from then on, where the token may not.
  bool write_check(const CommitStatus& status) {
    const auto known = check_runs_.find(status.context);
    const bool is_new = known == check_runs_.end();
    const std::string doing = fmt::format("write a check run of commit `{}`", short_sha());
    const Reply reply =
        is_new ? api_.call("POST", path_ + "/check-runs", doing, check_of(status, true))
               : api_.call("PATCH", fmt::format("{}/check-runs/{}", path_, known->second), doing,
                           check_of(status, false));
    if (reply.status() == 403) {
      checks_ = false;
      remark_ =
          "the token in `JAYPORE_GITHUB_TOKEN` may not write check runs, which only the tokens of "
          "apps may (right `checks: write`); commit statuses were set in their place";
      return false;
    }
    if (reply.status() == 422) api_.refuse_for_now(reply, doing, not_pushed());
    if (!reply.ok()) api_.refuse(reply, doing);
    if (is_new) check_runs_[status.context] = number_of(reply.object(), "id");
    return true;
  }

  json::object check_of(const CommitStatus& status, bool is_new) const {
    json::object check{{"name", status.context}, {"status", check_state_of(status.status)}};
    if (is_new) check["head_sha"] = settings_.sha;
    if (status.started_at) check["started_at"] = iso_time(*status.started_at);
    if (is_final(status.status)) check["conclusion"] = conclusion_of(status.status);
    if (status.ended_at) check["completed_at"] = iso_time(*status.ended_at);
    if (!status.page.empty()) check["details_url"] = status.page;
    check["output"] = json::object{{"title", status.description}, {"summary", summary_of(status)}};
    return check;
  }

  std::string summary_of(const CommitStatus& status) const {
    const std::string block = make_block(status.context, status.report);
    return status.report.empty() || characters(block) > k_longest_summary ? status.description
                                                                          : block;
  }

  std::string owner_;
  bool checks_;
  std::map<std::string, std::int64_t> check_runs_;
  std::string remark_;
};

}  // namespace

ForgeSettings github_settings_from_env(const Variables& variables, const Repo& repo) {
  return forge_settings_from_env(names(), variables, repo);
}

std::shared_ptr<Remote> make_github_remote(ForgeSettings settings) {
  if (settings.root.empty()) settings.root = names().default_root;
  expect_usable(settings);
  auto forge = std::make_unique<Github>(settings);
  return make_forge_remote(std::move(forge), std::move(settings));
}

std::shared_ptr<Remote> github_remote_at(const json::object& address, const Variables& variables) {
  return make_github_remote(forge_settings_at(names(), address, variables));
}

}  // namespace jci
