// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "jci/core/remote.hpp"
#include "jci/core/repo.hpp"
#include "jci/remotes/variables.hpp"

namespace jci {

/// What the receiver understands.
enum class WebhookFormat {
  json,        ///< the JSON report itself
  slack,       ///< incoming webhooks of Slack
  mattermost,  ///< of Mattermost
  discord,     ///< of Discord
  matrix,      ///< of matrix-hookshot
};

struct WebhookSettings {
  std::string url;  ///< a secret: who has it can write there
  WebhookFormat format = WebhookFormat::json;
  std::string secret = {};  ///< empty: not signed
  bool progress = false;    ///< reports of a run that goes on as well, not only the final one
  std::string title = {};   ///< what was built, see build_title
  std::string ca_file = {};
  std::chrono::milliseconds timeout{20'000};  ///< of one call
  std::string variables =
      {};  ///< what the names of those that `url` and `secret` are in begin with; empty: they are in none
};

/// `<variables>_URL`, and where they are set `<variables>_SECRET` and `<variables>_FORMAT`; JAYPORE_CA_FILE. `variables` begins with JAYPORE_WEBHOOK: those
/// are the ones that no job gets. Throws BadConfig.
WebhookSettings webhook_settings_from_env(const Variables& variables, const std::string& names,
                                          const Repo& repo);

/// Posts reports to a URL. As JSON: the report where that is a JSON object, else an object with the report in it. To a chat: the headline, and the report in a
/// block of code, shortened to what the service takes. With a secret there is a header `X-Jaypore-Signature-256: sha256=HEX`, the HMAC-SHA256 of the body.
/// Throws BadConfig for settings that cannot work.
std::shared_ptr<Remote> make_webhook_remote(WebhookSettings settings);
std::shared_ptr<Remote> webhook_remote_at(const boost::json::object& address,
                                          const Variables& variables);

/// "json", "slack", ...: throws BadConfig naming what there is.
WebhookFormat webhook_format(std::string_view name);
std::string_view to_string(WebhookFormat format);

/// What is posted. Pure.
std::string webhook_body(WebhookFormat format, const std::string& report, const PipelineView& view,
                         std::string_view title);

}  // namespace jci
