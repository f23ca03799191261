// SPDX-License-Identifier: MIT
#include "jci/remotes/registry.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/remotes/email.hpp"
#include "jci/remotes/file.hpp"
#include "jci/remotes/git.hpp"
#include "jci/remotes/gitea.hpp"
#include "jci/remotes/github.hpp"
#include "jci/remotes/gitlab.hpp"
#include "jci/remotes/telegram.hpp"
#include "jci/remotes/webhook.hpp"
#include "jci/util/json.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

namespace json = boost::json;

struct Named {
  std::string_view name;
  std::shared_ptr<Remote> (*make)(const Repo& repo, const Variables& variables);
};

constexpr std::array<Named, 8> k_named{{
    {"git",
     [](const Repo& repo, const Variables&) { return make_git_remote(repo.root(), repo.sha()); }},
    {"gitea",
     [](const Repo& repo, const Variables& variables) {
       return make_gitea_remote(gitea_settings_from_env(variables, repo));
     }},
    {"github",
     [](const Repo& repo, const Variables& variables) {
       return make_github_remote(github_settings_from_env(variables, repo));
     }},
    {"gitlab",
     [](const Repo& repo, const Variables& variables) {
       return make_gitlab_remote(gitlab_settings_from_env(variables, repo));
     }},
    {"email",
     [](const Repo& repo, const Variables& variables) {
       return make_email_remote(email_settings_from_env(variables), repo);
     }},
    {"telegram",
     [](const Repo& repo, const Variables& variables) {
       return make_telegram_remote(telegram_settings_from_env(variables, repo));
     }},
    {"webhook",
     [](const Repo& repo, const Variables& variables) {
       return make_webhook_remote(webhook_settings_from_env(variables, "JAYPORE_WEBHOOK", repo));
     }},
    {"stdout", [](const Repo&, const Variables&) { return make_file_remote("-"); }},
}};
constexpr std::string_view k_file = "file:";

struct Kind {
  std::string_view name;
  std::shared_ptr<Remote> (*make)(const json::object& address, const Variables& variables);
};

constexpr std::array<Kind, 7> k_kinds{{
    {"email", email_remote_at},
    {"gitea", gitea_remote_at},
    {"github", github_remote_at},
    {"gitlab", gitlab_remote_at},
    {"telegram", telegram_remote_at},
    {"webhook", webhook_remote_at},
    {"file", [](const json::object& address, const Variables&) { return file_remote_at(address); }},
}};

}  // namespace

std::shared_ptr<Remote> remote_named(const std::string& name, const Repo& repo,
                                     const Variables& variables) {
  if (name.starts_with(k_file)) return make_file_remote(repo.root() / name.substr(k_file.size()));
  for (const Named& known : k_named)
    if (known.name == name) return known.make(repo, variables);
  std::vector<std::string_view> names;
  for (const Named& known : k_named) names.push_back(known.name);
  throw BadConfig(fmt::format("no remote is called `{}`; there are {} and file:PATH", name,
                              fmt::join(names, ", ")));
}

std::shared_ptr<Remote> remote_at(const std::string& address, const Variables& variables) {
  json::error_code error;
  const json::value parsed = json::parse(address, error);
  const json::object empty;
  const json::object& object = !error && parsed.is_object() ? parsed.get_object() : empty;
  const auto kind = std::ranges::find(k_kinds, text_of(object, "kind"), &Kind::name);
  if (kind == k_kinds.end())
    throw BadConfig(
        fmt::format("`{}` is the address of no remote", elide(sanitize_line(address), 80)));
  return kind->make(object, variables);
}

}  // namespace jci
