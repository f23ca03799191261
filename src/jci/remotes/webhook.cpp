// SPDX-License-Identifier: MIT
#include "jci/remotes/webhook.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/remotes/api.hpp"
#include "jci/remotes/chat_text.hpp"
#include "jci/remotes/headline.hpp"
#include "jci/reporters/json.hpp"
#include "jci/repos/remote_url.hpp"
#include "jci/util/json.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

namespace json = boost::json;

constexpr std::string_view k_prefix = "JAYPORE_WEBHOOK";
constexpr std::size_t k_headline_columns = 300;

/// What a chat takes, in characters; what services document, with some room for the rest of the message.
struct Chat {
  WebhookFormat format;
  std::string_view name;
  std::size_t longest_report;
};
constexpr std::array<Chat, 5> k_formats{{
    {WebhookFormat::json, "json", 0},
    {WebhookFormat::slack, "slack", 30'000},
    {WebhookFormat::mattermost, "mattermost", 14'000},
    {WebhookFormat::discord, "discord", 1'500},
    {WebhookFormat::matrix, "matrix", 15'000},
}};

const Chat& chat_of(WebhookFormat format) {
  return *std::ranges::find(k_formats, format, &Chat::format);
}

/// A block of code that no line of it can end: chats know no longer fences.
std::string code(std::string text) {
  replace_all(text, "```", "'''");
  return fmt::format("```\n{}{}```", text, text.ends_with('\n') ? "" : "\n");
}

/// A branch may be called as people are, and nobody is to be woken by that.
std::string without_mentions(std::string text) {
  replace_all(text, "@", "@\u200B");
  return text;
}

std::string json_report(const std::string& report, const PipelineView& view,
                        std::string_view title) {
  json::error_code error;
  const json::value parsed = json::parse(report, error);
  if (!error && parsed.is_object()) return report;
  return json::serialize(json::object{{"title", title},
                                      {"status", to_string(view.status)},
                                      {"sha", view.sha},
                                      {"branch", to_valid_utf8(view.branch)},
                                      {"run", view.pipe_id},
                                      {"report", to_valid_utf8(report)}});
}

class Webhook final : public Remote {
 public:
  explicit Webhook(WebhookSettings settings)
      : settings_(std::move(settings)),
        client_({.ca_file = settings_.ca_file, .timeout = settings_.timeout}) {}

  std::string name() const override { return "webhook"; }
  std::shared_ptr<Reporter> preferred_reporter() const override {
    return settings_.format == WebhookFormat::json ? make_json_reporter() : nullptr;
  }

  void publish(const std::string& report, const PipelineView& view) override {
    if (!settings_.progress && !is_final(view.status)) return;
    std::string body = webhook_body(settings_.format, report, view, settings_.title);
    if (body == published_) return;
    const rest::Answer answer = client_.perform(request_with(body));
    if (!answer.ok()) refuse(answer);
    published_ = std::move(body);
  }

  std::string address() const override {
    if (settings_.variables.empty()) return {};
    return json::serialize(json::object{{"kind", "webhook"},
                                        {"variables", settings_.variables},
                                        {"format", to_string(settings_.format)},
                                        {"progress", settings_.progress},
                                        {"title", settings_.title},
                                        {"ca_file", settings_.ca_file},
                                        {"timeout_ms", settings_.timeout.count()}});
  }

  void interrupt() override { client_.interrupt(); }

 private:
  rest::Request request_with(const std::string& body) const {
    rest::Request request{.method = "POST",
                          .url = settings_.url,
                          .headers = {{"Content-Type", "application/json"}},
                          .body = body};
    if (!settings_.secret.empty())
      request.headers.push_back(
          {"X-Jaypore-Signature-256", "sha256=" + rest::hmac_sha256(settings_.secret, body)});
    return request;
  }

  // What it says to a refusal may repeat the address, so only the number is shown.
  [[noreturn]] void refuse(const rest::Answer& answer) const {
    std::string text = fmt::format("cannot post the report: the webhook at `{}` answered {}",
                                   rest::server_of(settings_.url), answer.status);
    if (answer.status == 408 || answer.status == 429 || answer.status >= 500)
      throw RemoteApiFailed::for_now(text,
                                     rest::asked_to_wait(answer, std::chrono::system_clock::now()));
    if (answer.status == 401 || answer.status == 403 || answer.status == 404 ||
        answer.status == 410)
      text += fmt::format("; see whether {} is still right", where());
    throw RemoteApiFailed(text);
  }

  std::string where() const {
    return settings_.variables.empty() ? "`url`" : fmt::format("`{}_URL`", settings_.variables);
  }

  const WebhookSettings settings_;
  rest::Client client_;
  std::string published_;
};

void expect_usable(const WebhookSettings& settings) {
  const auto url = parse_remote_url(settings.url + "/x");
  const bool plain =
      std::ranges::none_of(settings.url, [](char sign) { return sign <= ' ' || sign > '~'; });
  if (!url || !plain || url->host.empty() || (url->scheme != "https" && url->scheme != "http"))
    throw BadConfig("the url of the webhook is none; write `https://HOST/PATH`");
  if (settings.timeout.count() < 1) throw BadConfig("`timeout` must be more than 0 seconds");
}

}  // namespace

WebhookFormat webhook_format(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Chat& chat : k_formats) {
    if (chat.name == name) return chat.format;
    names.push_back(chat.name);
  }
  throw BadConfig(fmt::format("no webhook takes the format `{}`; there are {}", sanitize_line(name),
                              fmt::join(names, ", ")));
}

std::string_view to_string(WebhookFormat format) { return chat_of(format).name; }

std::string webhook_body(WebhookFormat format, const std::string& report, const PipelineView& view,
                         std::string_view title) {
  if (format == WebhookFormat::json) return json_report(report, view, title);
  const std::string text =
      first_lines(to_valid_utf8(report), chat_of(format).longest_report, characters);
  const std::string first =
      without_mentions(elide(sanitize_line(headline(view, title)), k_headline_columns));
  switch (format) {
    case WebhookFormat::slack:
      return json::serialize(
          json::object{{"text", html_escaped(fmt::format("{}\n{}", first, code(text)))}});
    case WebhookFormat::mattermost:
      return json::serialize(json::object{{"text", fmt::format("{}\n\n{}", first, code(text))}});
    case WebhookFormat::discord:
      return json::serialize(json::object{{"content", fmt::format("{}\n{}", first, code(text))},
                                          {"allowed_mentions", {{"parse", json::array()}}}});
    case WebhookFormat::matrix:
    case WebhookFormat::json:
      break;
  }
  return json::serialize(
      json::object{{"text", fmt::format("{}\n{}", first, text)},
                   {"html", fmt::format("<p>{}</p><pre><code>{}</code></pre>", html_escaped(first),
                                        html_escaped(text))}});
}

WebhookSettings webhook_settings_from_env(const Variables& variables, const std::string& names,
                                          const Repo& repo) {
  if (!names.starts_with(k_prefix))
    throw BadConfig(fmt::format(
        "`{}` does not begin with `{}`, as the variables of webhooks do, which no job gets",
        sanitize_line(names), k_prefix));
  VariableReader reader(variables);
  WebhookSettings settings{
      .url = reader.needed(names + "_URL"),
      .secret = reader.optional(names + "_SECRET"),
      .title = build_title(repo),
      .ca_file = reader.optional("JAYPORE_CA_FILE"),
      .variables = names,
  };
  reader.expect_all("to post reports to a webhook");
  settings.format = webhook_format(reader.optional(names + "_FORMAT", "json"));
  return settings;
}

std::shared_ptr<Remote> make_webhook_remote(WebhookSettings settings) {
  expect_usable(settings);
  return std::make_shared<Webhook>(std::move(settings));
}

std::shared_ptr<Remote> webhook_remote_at(const json::object& address, const Variables& variables) {
  VariableReader reader(variables);
  const std::string names = text_of(address, "variables");
  WebhookSettings settings{
      .url = reader.needed(names + "_URL"),
      .format = webhook_format(text_of(address, "format")),
      .secret = reader.optional(names + "_SECRET"),
      .progress = flag_of(address, "progress"),
      .title = text_of(address, "title"),
      .ca_file = text_of(address, "ca_file"),
      .timeout = std::chrono::milliseconds(number_of(address, "timeout_ms")),
      .variables = names,
  };
  reader.expect_all("to post reports to a webhook");
  return make_webhook_remote(std::move(settings));
}

}  // namespace jci
