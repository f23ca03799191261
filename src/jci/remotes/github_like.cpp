// SPDX-License-Identifier: MIT
#include "jci/remotes/github_like.hpp"

#include <fmt/format.h>

#include <utility>

#include "jci/util/json.hpp"

namespace jci {

namespace json = boost::json;

GithubLike::GithubLike(ForgeSettings settings, ApiSettings api)
    : settings_(std::move(settings)),
      path_(path_of(settings_.owner, settings_.repo)),
      api_(std::move(api)) {}

std::string GithubLike::path_of(const std::string& owner, const std::string& repo) {
  return fmt::format("/repos/{}/{}", rest::encode(owner), rest::encode(repo));
}

Pull GithubLike::pull_of(const json::object& pull) {
  return {.number = number_of(pull, "number"),
          .body = text_of(pull, "body"),
          .page = text_of(pull, "html_url")};
}

std::int64_t GithubLike::newest_with(const std::string& mark, const json::value& comments) {
  std::int64_t newest = 0;
  if (!comments.is_array()) return newest;
  for (const json::value& comment : comments.get_array())
    if (comment.is_object() && text_of(comment.get_object(), "body").starts_with(mark))
      newest = number_of(comment.get_object(), "id");
  return newest;
}

std::string GithubLike::not_pushed() const {
  return fmt::format("commit `{}` or its branch may not have been pushed yet", short_sha());
}

std::string GithubLike::default_branch() {
  const Reply reply = api_.demand(
      "GET", path_, fmt::format("read the repository `{}/{}`", settings_.owner, settings_.repo));
  know_repository(reply.object());
  return text_of(reply.object(), "default_branch");
}

std::optional<Pull> GithubLike::open_pull(const std::string& base, const std::string& title,
                                          const std::string& body) {
  const std::string doing = fmt::format("open a pull request for `{}`", settings_.branch);
  const Reply reply = api_.call(
      "POST", path_ + "/pulls", doing,
      json::object{{"title", title}, {"head", settings_.branch}, {"base", base}, {"body", body}});
  if (!reply.ok()) return not_opened(reply, base, doing);
  Pull pull = pull_of(reply.object());
  pull.body = body;  // as it was sent, not as it was tidied up
  return pull;
}

Pull GithubLike::read_pull(std::int64_t number) {
  return pull_of(api_.demand("GET", fmt::format("{}/pulls/{}", path_, number),
                             fmt::format("read pull request {}", number))
                     .object());
}

void GithubLike::write_body(std::int64_t number, const std::string& body) {
  api_.demand("PATCH", fmt::format("{}/pulls/{}", path_, number),
              fmt::format("write into pull request {}", number), json::object{{"body", body}});
}

std::int64_t GithubLike::add_comment(std::int64_t pull, const std::string& body) {
  const Reply reply =
      api_.demand("POST", fmt::format("{}/issues/{}/comments", path_, pull),
                  fmt::format("comment on pull request {}", pull), json::object{{"body", body}});
  return number_of(reply.object(), "id");
}

bool GithubLike::edit_comment(std::int64_t pull, std::int64_t comment, const std::string& body) {
  const std::string doing = fmt::format("edit a comment of pull request {}", pull);
  const Reply reply = api_.call("PATCH", fmt::format("{}/issues/comments/{}", path_, comment),
                                doing, json::object{{"body", body}});
  if (reply.status() == 403 || reply.status() == 404) return false;
  if (!reply.ok()) api_.refuse(reply, doing);
  return true;
}

void GithubLike::set_status(const CommitStatus& status) {
  const std::string doing = fmt::format("set the status of commit `{}`", short_sha());
  json::object body{{"state", state_of(status.status)},
                    {"context", status.context},
                    {"description", status.description}};
  if (!status.page.empty()) body["target_url"] = status.page;
  const Reply reply = api_.call(
      "POST", fmt::format("{}/statuses/{}", path_, rest::encode(settings_.sha)), doing, body);
  if (reply.ok()) return;
  if (lacks_commit(reply)) api_.refuse_for_now(reply, doing, not_pushed());
  api_.refuse(reply, doing);
}

}  // namespace jci
