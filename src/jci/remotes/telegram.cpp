// SPDX-License-Identifier: MIT
#include "jci/remotes/telegram.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/remotes/api.hpp"
#include "jci/remotes/chat_text.hpp"
#include "jci/remotes/headline.hpp"
#include "jci/util/json.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

namespace json = boost::json;

constexpr std::size_t k_longest_message = 4096;  // UTF-16 units
constexpr std::size_t k_headline_columns = 300;

class Telegram final : public Remote {
 public:
  explicit Telegram(TelegramSettings settings)
      : settings_(std::move(settings)),
        api_(api_settings(settings_)),
        message_(settings_.message) {}

  std::string name() const override { return "telegram"; }

  void publish(const std::string& report, const PipelineView& view) override {
    std::string text = telegram_text(headline(view, settings_.title), report);
    if (text == published_) return;
    if (message_ == 0 || !edit(text)) send(text);
    published_ = std::move(text);
  }

  std::string address() const override {
    return json::serialize(json::object{{"kind", "telegram"},
                                        {"root", settings_.root},
                                        {"chat", settings_.chat},
                                        {"title", settings_.title},
                                        {"ca_file", settings_.ca_file},
                                        {"timeout_ms", settings_.timeout.count()},
                                        {"message", message_}});
  }

  void interrupt() override { api_.interrupt(); }

 private:
  static ApiSettings api_settings(const TelegramSettings& settings) {
    return {.service = "Telegram",
            .root = fmt::format("{}/bot{}", settings.root, settings.token),
            .secrets = {settings.token},
            .token_is = "`JAYPORE_TELEGRAM_TOKEN`",
            .rights = "to be of a bot that is a member of the chat and may write there",
            .limits = {.ca_file = settings.ca_file, .timeout = settings.timeout}};
  }

  json::object message_with(const std::string& text) const {
    return {{"chat_id", chat_id()},
            {"text", text},
            {"parse_mode", "HTML"},
            {"link_preview_options", {{"is_disabled", true}}}};
  }

  json::value chat_id() const {
    std::int64_t number = 0;
    const std::string& chat = settings_.chat;
    const auto [end, error] = std::from_chars(chat.data(), chat.data() + chat.size(), number);
    if (error == std::errc() && end == chat.data() + chat.size()) return number;
    return json::string(chat);
  }

  void send(const std::string& text) {
    const std::string doing = fmt::format("send a message to chat `{}`", settings_.chat);
    const Reply reply = api_.demand("POST", "/sendMessage", doing, message_with(text));
    message_ = number_of(object_of(reply.object(), "result"), "message_id");
  }

  /// False: the message is not there any more.
  bool edit(const std::string& text) {
    const std::string doing = fmt::format("edit a message in chat `{}`", settings_.chat);
    json::object message = message_with(text);
    message["message_id"] = message_;
    const Reply reply = api_.call("POST", "/editMessageText", doing, message);
    if (reply.ok()) return true;
    if (reply.status() != 400) api_.refuse(reply, doing);
    // One code for everything, told apart only by the text.
    return message_in(reply.answer).find("not modified") != std::string::npos;
  }

  const TelegramSettings settings_;
  Api api_;
  std::int64_t message_ = 0;
  std::string published_;
};

bool is_token(std::string_view token) {
  const auto colon = token.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == token.size()) return false;
  const auto digit = [](char sign) { return sign >= '0' && sign <= '9'; };
  const auto word = [&](char sign) {
    return digit(sign) || (sign >= 'A' && sign <= 'Z') || (sign >= 'a' && sign <= 'z') ||
           sign == '_' || sign == '-';
  };
  return std::ranges::all_of(token.substr(0, colon), digit) &&
         std::ranges::all_of(token.substr(colon + 1), word);
}

void expect_usable(const TelegramSettings& settings) {
  if (!is_token(settings.token))
    throw BadConfig(
        "the token of Telegram's bot is not of the form `DIGITS:LETTERS`, as @BotFather tells it");
  if (settings.chat.empty()) throw BadConfig("`chat` must be a number or `@name`");
  if (!settings.root.starts_with("https://") && !settings.root.starts_with("http://"))
    throw BadConfig(fmt::format("`{}` is no address of a server; write `https://HOST[:PORT]`",
                                sanitize_line(rest::server_of(settings.root))));
  if (settings.timeout.count() < 1) throw BadConfig("`timeout` must be more than 0 seconds");
}

}  // namespace

std::string telegram_text(std::string_view headline, std::string_view report) {
  const std::string first = elide(sanitize_line(headline), k_headline_columns);
  const std::string rest =
      first_lines(to_valid_utf8(report), k_longest_message - utf16_units(first) - 1, utf16_units);
  return fmt::format("<b>{}</b>\n<pre>{}</pre>", html_escaped(first), html_escaped(rest));
}

TelegramSettings telegram_settings_from_env(const Variables& variables, const Repo& repo) {
  VariableReader reader(variables);
  TelegramSettings settings{
      .token = reader.needed("JAYPORE_TELEGRAM_TOKEN"),
      .chat = reader.needed("JAYPORE_TELEGRAM_CHAT"),
      .title = build_title(repo),
      .ca_file = reader.optional("JAYPORE_CA_FILE"),
  };
  settings.root = reader.optional("JAYPORE_TELEGRAM_API", settings.root);
  reader.expect_all("to publish to Telegram");
  return settings;
}

std::shared_ptr<Remote> make_telegram_remote(TelegramSettings settings) {
  while (settings.root.ends_with('/')) settings.root.pop_back();
  expect_usable(settings);
  return std::make_shared<Telegram>(std::move(settings));
}

std::shared_ptr<Remote> telegram_remote_at(const json::object& address,
                                           const Variables& variables) {
  VariableReader reader(variables);
  TelegramSettings settings{
      .root = text_of(address, "root"),
      .token = reader.needed("JAYPORE_TELEGRAM_TOKEN"),
      .chat = text_of(address, "chat"),
      .title = text_of(address, "title"),
      .ca_file = text_of(address, "ca_file"),
      .timeout = std::chrono::milliseconds(number_of(address, "timeout_ms")),
      .message = number_of(address, "message"),
  };
  reader.expect_all("to publish to Telegram");
  return make_telegram_remote(std::move(settings));
}

}  // namespace jci
