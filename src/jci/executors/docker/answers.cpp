// SPDX-License-Identifier: MIT
#include "jci/executors/docker/answers.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace jci::docker {
namespace {

namespace json = boost::json;

// Larger answers come from no engine.
constexpr std::size_t k_answer_bytes = 32UL * 1024 * 1024;
// Of a message that is not JSON; it is for people.
constexpr std::size_t k_message_bytes = 4UL * 1024;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

Awaitable<Answer<std::string>> read_all(http::Exchange& exchange, http::Deadline deadline) {
  std::string body;
  while (true) {
    auto piece = co_await exchange.read(deadline);
    if (!piece) co_return to_error(std::move(piece).error());
    if (piece->empty()) co_return body;
    body.append(piece->data(), piece->size());
    if (body.size() > k_answer_bytes) co_return protocol_error("the engine's answer is too large");
  }
}

Answer<json::value> parse_answer(const std::string& body) {
  json::error_code error;
  json::value value = json::parse(body, error);
  if (error)
    return protocol_error(fmt::format("the engine answered what is not JSON: {}", error.message()));
  return value;
}

std::string message_in(const std::string& body) {
  json::error_code error;
  const json::value value = json::parse(body, error);
  if (!error && value.is_object())
    if (std::string message = text_of(value.get_object(), "message"); !message.empty())
      return message;
  return body.substr(0, k_message_bytes);
}

std::expected<void, std::string> JsonStream::take(std::span<const char> bytes) {
  while (true) {
    while (!inside_ && !bytes.empty() && is_space(bytes.front())) bytes = bytes.subspan(1);
    if (bytes.empty()) return {};
    json::error_code error;
    const std::size_t used = parser_.write_some(bytes.data(), bytes.size(), error);
    if (error) return std::unexpected(error.message());
    bytes = bytes.subspan(used);
    size_ += used;
    if (size_ > k_answer_bytes) return std::unexpected("too large");
    inside_ = !parser_.done();
    if (!inside_) keep();
  }
}

void JsonStream::keep() {
  json::value value = parser_.release();
  if (value.is_object()) values_.push_back(std::move(value.get_object()));
  parser_.reset();
  size_ = 0;
}

std::optional<json::object> JsonStream::next() {
  if (values_.empty()) return std::nullopt;
  json::object value = std::move(values_.front());
  values_.pop_front();
  return value;
}

}  // namespace jci::docker
