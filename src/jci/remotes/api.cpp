// SPDX-License-Identifier: MIT
#include "jci/remotes/api.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/util/json.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

namespace json = boost::json;

constexpr std::size_t k_message_columns = 300;

json::value parse(const std::string& body) {
  json::error_code error;
  json::value value = json::parse(body, error);
  return error ? json::value() : value;
}

std::string as_text(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

/// GitHub tells the reason in a list beside the message.
std::string details(const json::object& body) {
  std::string text;
  for (const json::value& error : array_of(body, "errors")) {
    const json::value* message =
        error.is_object() ? error.get_object().if_contains("message") : &error;
    if (message != nullptr) text += fmt::format(": {}", as_text(*message));
  }
  return text;
}

std::string message_in_json(const json::object& body) {
  for (const char* key : {"message", "error", "description"})
    if (const json::value* said = body.if_contains(key)) return as_text(*said) + details(body);
  return {};
}

bool is_overloaded(const rest::Answer& answer) {
  return answer.status == 408 || answer.status == 429 || answer.status >= 500;
}

}  // namespace

std::string message_in(const rest::Answer& answer) {
  const json::value body = parse(answer.body);
  std::string said;
  if (body.is_object()) {
    said = message_in_json(body.get_object());
  } else if (!answer.body.starts_with('<')) {
    said = answer.body.substr(0, std::min(answer.body.find('\n'), k_message_columns * 4));
  }
  return elide(sanitize_line(said), k_message_columns);
}

const json::object& Reply::object() const {
  static const json::object none;
  return body.is_object() ? body.get_object() : none;
}

Api::Api(ApiSettings settings) : settings_(std::move(settings)), client_(settings_.limits) {}

Reply Api::call(std::string_view method, std::string_view path, std::string_view doing,
                const json::value& body) {
  rest::Request request{.method = std::string(method),
                        .url = fmt::format("{}{}", settings_.root, path),
                        .headers = settings_.headers};
  if (!body.is_null()) {
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = json::serialize(body);
  }
  Reply reply{.answer = client_.perform(request), .body = {}};
  reply.body = parse(reply.answer.body);
  const auto wait = rest::asked_to_wait(reply.answer, std::chrono::system_clock::now());
  if (is_overloaded(reply.answer) || (reply.status() == 403 && wait))
    throw RemoteApiFailed::for_now(said(reply, doing), wait);
  if (reply.status() == 401) refuse(reply, doing);
  if (reply.ok() && reply.body.is_null() && !reply.answer.body.empty())
    throw RemoteApiFailed(fmt::format("cannot {}: what `{}` answers is not JSON; is it {}?", doing,
                                      rest::server_of(settings_.root), settings_.service));
  return reply;
}

Reply Api::demand(std::string_view method, std::string_view path, std::string_view doing,
                  const json::value& body) {
  Reply reply = call(method, path, doing, body);
  if (!reply.ok()) refuse(reply, doing);
  return reply;
}

void Api::refuse(const Reply& reply, std::string_view doing) const {
  std::string text = said(reply, doing);
  const std::string& token = settings_.token_is;
  switch (reply.status()) {
    case 401:
      text += fmt::format("; the token in {} is wrong or no longer valid", token);
      break;
    case 403:
      text += fmt::format("; the token in {} needs {}", token, settings_.rights);
      break;
    case 404:
      text += fmt::format("; it is not there, or the token in {} may not see it: it needs {}",
                          token, settings_.rights);
      break;
    case 301:
    case 302:
    case 307:
    case 308:
      text += "; it has moved, so use its new address";
      break;
    default:
      break;
  }
  throw RemoteApiFailed(text);
}

void Api::refuse_for_now(const Reply& reply, std::string_view doing, std::string_view since) const {
  throw RemoteApiFailed::for_now(fmt::format("{}; {}", said(reply, doing), since));
}

std::string Api::said(const Reply& reply, std::string_view doing) const {
  const std::string message = message_in(reply.answer);
  return masked(fmt::format("cannot {}: {} at `{}` answered {}{}{}", doing, settings_.service,
                            rest::server_of(settings_.root), reply.status(),
                            message.empty() ? "" : ", ", message));
}

std::string Api::masked(std::string text) const {
  constexpr std::string_view mask = "********";
  for (const std::string& secret : settings_.secrets) {
    if (secret.empty()) continue;
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += mask.size())
      text.replace(at, secret.size(), mask);
  }
  return text;
}

}  // namespace jci
