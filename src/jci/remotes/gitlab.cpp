// SPDX-License-Identifier: MIT
#include "jci/remotes/gitlab.hpp"

#include <fmt/format.h>

#include <utility>

#include "jci/util/json.hpp"

namespace jci {
namespace {

namespace json = boost::json;

constexpr std::size_t k_longest_body = 1'000'000;  // characters of a note
constexpr std::size_t k_longest_description = 255;
constexpr int k_page = 50;  // notes in an answer: they may be long

const ForgeNames& names() {
  static const ForgeNames names{.service = "GitLab",
                                .token = "JAYPORE_GITLAB_TOKEN",
                                .root = "JAYPORE_GITLAB_ROOT",
                                .nested_owners = true};
  return names;
}

std::string_view state_of(Status status) {
  switch (status) {
    case Status::pending:
      return "pending";
    case Status::running:
      return "running";
    case Status::passed:
      return "success";
    case Status::failed:
    case Status::timeout:
      return "failed";
    case Status::skipped:
    case Status::cancelled:
      break;
  }
  return "canceled";
}

ApiSettings api_settings(const ForgeSettings& settings) {
  ApiSettings api =
      api_settings_of(names(), settings, "the scope `api`, and the role Developer in the project");
  api.root += "/api/v4";
  api.headers = {{"Authorization", "Bearer " + settings.token}};
  return api;
}

/// A merge request's number is its `iid`.
Pull pull_of(const json::object& request) {
  return {.number = number_of(request, "iid"),
          .body = text_of(request, "description"),
          .page = text_of(request, "web_url")};
}

class Gitlab final : public Forge {
 public:
  explicit Gitlab(const ForgeSettings& settings)
      : settings_(settings),
        project_(fmt::format("{}/{}", settings.owner, settings.repo)),
        path_("/projects/" + rest::encode(project_)),
        api_(api_settings(settings)) {}

  std::string kind() const override { return "gitlab"; }
  std::size_t longest_body() const override { return k_longest_body; }
  std::size_t longest_description() const override { return k_longest_description; }

  std::string default_branch() override {
    const Reply reply = api_.demand("GET", path_, fmt::format("read the project `{}`", project_));
    project_id_ = number_of(reply.object(), "id");
    return text_of(reply.object(), "default_branch");
  }

  std::optional<Pull> find_pull(const std::string& base) override {
    const Reply reply =
        api_.demand("GET",
                    fmt::format("{}/merge_requests?state=opened&source_branch={}&target_branch={}",
                                path_, rest::encode(settings_.branch), rest::encode(base)),
                    fmt::format("look for merge requests of `{}`", settings_.branch));
    if (!reply.body.is_array()) return std::nullopt;
    for (const json::value& request : reply.body.get_array())
      if (request.is_object() && is_ours(request.get_object()))
        return pull_of(request.get_object());
    return std::nullopt;
  }

  std::optional<Pull> open_pull(const std::string& base, const std::string& title,
                                const std::string& body) override {
    const std::string doing = fmt::format("open a merge request for `{}`", settings_.branch);
    const Reply reply = api_.call("POST", path_ + "/merge_requests", doing,
                                  json::object{{"source_branch", settings_.branch},
                                               {"target_branch", base},
                                               {"title", title},
                                               {"description", body}});
    if (reply.ok()) return pull_of(reply.object());
    if (reply.status() == 409) return find_pull(base);  // somebody else was faster
    if (reply.status() == 400 || reply.status() == 422)
      api_.refuse_for_now(reply, doing, not_pushed());
    api_.refuse(reply, doing);
  }

  Pull read_pull(std::int64_t number) override {
    return pull_of(api_.demand("GET", fmt::format("{}/merge_requests/{}", path_, number),
                               fmt::format("read merge request {}", number))
                       .object());
  }

  void write_body(std::int64_t number, const std::string& body) override {
    api_.demand("PUT", fmt::format("{}/merge_requests/{}", path_, number),
                fmt::format("write into merge request {}", number),
                json::object{{"description", body}});
  }

  // The newest come first.
  std::int64_t find_comment(std::int64_t pull, const std::string& mark) override {
    for (int page = 1;; ++page) {
      const Reply reply = api_.demand(
          "GET",
          fmt::format(
              "{}/merge_requests/{}/notes?order_by=created_at&sort=desc&per_page={}&page={}", path_,
              pull, k_page, page),
          fmt::format("read the notes of merge request {}", pull));
      if (!reply.body.is_array()) return 0;
      for (const json::value& note : reply.body.get_array())
        if (note.is_object() && text_of(note.get_object(), "body").starts_with(mark))
          return number_of(note.get_object(), "id");
      if (reply.body.get_array().size() < k_page) return 0;
    }
  }

  std::int64_t add_comment(std::int64_t pull, const std::string& body) override {
    const Reply reply = api_.demand("POST", fmt::format("{}/merge_requests/{}/notes", path_, pull),
                                    fmt::format("write a note to merge request {}", pull),
                                    json::object{{"body", body}});
    return number_of(reply.object(), "id");
  }

  bool edit_comment(std::int64_t pull, std::int64_t comment, const std::string& body) override {
    const std::string doing = fmt::format("edit a note of merge request {}", pull);
    const Reply reply =
        api_.call("PUT", fmt::format("{}/merge_requests/{}/notes/{}", path_, pull, comment), doing,
                  json::object{{"body", body}});
    if (reply.status() == 403 || reply.status() == 404) return false;
    if (!reply.ok()) api_.refuse(reply, doing);
    return true;
  }

  void set_status(const CommitStatus& status) override {
    const std::string doing =
        fmt::format("set the status of commit `{}`", settings_.sha.substr(0, 10));
    json::object body{{"state", state_of(status.status)},
                      {"name", status.context},
                      {"description", status.description}};
    if (!settings_.branch.empty()) body["ref"] = settings_.branch;
    if (!status.page.empty()) body["target_url"] = status.page;
    const Reply reply = api_.call(
        "POST", fmt::format("{}/statuses/{}", path_, rest::encode(settings_.sha)), doing, body);
    if (reply.ok() || is_that_already(reply)) return;
    if (reply.status() == 404 && project_id_ != 0) api_.refuse_for_now(reply, doing, not_pushed());
    api_.refuse(reply, doing);
  }

  void interrupt() override { api_.interrupt(); }

 private:
  /// "Cannot transition status via :run from :running": only the text tells.
  static bool is_that_already(const Reply& reply) {
    return reply.status() == 400 &&
           message_in(reply.answer).find("Cannot transition status") != std::string::npos;
  }

  /// From this very project, not from a fork's branch that is called the same.
  bool is_ours(const json::object& request) const {
    return project_id_ == 0 || number_of(request, "source_project_id") == project_id_;
  }

  std::string not_pushed() const {
    return fmt::format("commit `{}` or its branch may not have been pushed yet",
                       settings_.sha.substr(0, 10));
  }

  const ForgeSettings settings_;
  const std::string project_;  // for people
  const std::string path_;
  std::int64_t project_id_ = 0;  // 0: not known
  Api api_;
};

}  // namespace

ForgeSettings gitlab_settings_from_env(const Variables& variables, const Repo& repo) {
  return forge_settings_from_env(names(), variables, repo);
}

std::shared_ptr<Remote> make_gitlab_remote(ForgeSettings settings) {
  settings.comment = true;
  expect_usable(settings);
  auto forge = std::make_unique<Gitlab>(settings);
  return make_forge_remote(std::move(forge), std::move(settings));
}

std::shared_ptr<Remote> gitlab_remote_at(const json::object& address, const Variables& variables) {
  return make_gitlab_remote(forge_settings_at(names(), address, variables));
}

}  // namespace jci
