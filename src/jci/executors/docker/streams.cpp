// SPDX-License-Identifier: MIT
#include "jci/executors/docker/streams.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <utility>

namespace jci::docker {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

/// Lets a stream in full flow gather. The engine writes a line at a time; taken so, a thousand lines cost a thousand wake-ups, of which
/// the engine, which has the same processors, pays half. A tenth of a millisecond gathers dozens.
class Flow {
 public:
  explicit Flow(const asio::any_io_executor& executor) : pause_(executor) {}

  Awaitable<> before_reading() {
    const auto now = http::Clock::now();
    if (small_ && now - last_ < k_flowing) {
      pause_.expires_after(k_gather);
      co_await pause_.async_wait(asio::use_awaitable);
    }
    last_ = now;
  }
  void took(std::size_t bytes) { small_ = bytes < k_small; }

 private:
  static constexpr std::chrono::microseconds k_flowing{500};
  static constexpr std::chrono::microseconds k_gather{100};
  static constexpr std::size_t k_small = 8UL * 1024;

  asio::steady_timer pause_;
  http::Clock::time_point last_;
  bool small_ = false;
};

Answer<void> to_answer(const std::expected<void, FrameError>& decoded) {
  if (decoded) return {};
  if (decoded.error().kind == FrameError::Kind::malformed)
    return protocol_error(decoded.error().text);
  return refused(200, decoded.error().text);
}

}  // namespace

OutputStream::OutputStream(std::unique_ptr<http::Exchange> exchange, bool terminal)
    : exchange_(std::move(exchange)), terminal_(terminal) {}

Awaitable<Answer<void>> OutputStream::read(const OutputSink& sink) {
  Flow flow(co_await asio::this_coro::executor);
  while (true) {
    co_await flow.before_reading();
    auto piece = co_await exchange_->read(http::k_no_deadline);
    if (!piece) co_return to_error(std::move(piece).error());
    if (piece->empty()) co_return to_answer(frames_.finish());
    flow.took(piece->size());
    if (terminal_)
      sink(Stream::out, {piece->data(), piece->size()});
    else if (const auto decoded = frames_.take(*piece, sink); !decoded)
      co_return to_answer(decoded);
  }
}

Waiting::Waiting(std::unique_ptr<http::Exchange> exchange) : exchange_(std::move(exchange)) {}

Awaitable<Answer<Ending>> Waiting::ended() {
  auto body = co_await read_all(*exchange_, http::k_no_deadline);
  if (!body) co_return std::unexpected(std::move(body).error());
  auto value = parse_answer(*body);
  if (!value) co_return std::unexpected(std::move(value).error());
  if (!value->is_object() || !value->get_object().contains("StatusCode"))
    co_return protocol_error("the engine does not say how a container ended");
  const json::object& said = value->get_object();
  co_return Ending{static_cast<int>(number_of(said, "StatusCode")),
                   text_of(object_of(said, "Error"), "Message")};
}

EventStream::EventStream(std::unique_ptr<http::Exchange> exchange)
    : exchange_(std::move(exchange)), events_(std::make_unique<JsonStream>()) {}

Awaitable<Answer<std::optional<json::object>>> EventStream::next() {
  while (true) {
    if (auto event = events_->next()) co_return event;
    auto piece = co_await exchange_->read(http::k_no_deadline);
    if (!piece) co_return to_error(std::move(piece).error());
    if (piece->empty()) co_return std::optional<json::object>();
    if (const auto taken = events_->take(*piece); !taken)
      co_return protocol_error(fmt::format("the engine's events are not JSON: {}", taken.error()));
  }
}

}  // namespace jci::docker
