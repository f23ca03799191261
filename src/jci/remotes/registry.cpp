// SPDX-License-Identifier: MIT
#include "jci/remotes/registry.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "jci/core/errors.hpp"
#include "jci/remotes/email.hpp"
#include "jci/remotes/file.hpp"
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
