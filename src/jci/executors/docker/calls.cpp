// SPDX-License-Identifier: MIT
#include "jci/executors/docker/calls.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "jci/executors/docker/answers.hpp"
#include "jci/util/latch.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;
using ExchangePtr = std::unique_ptr<http::Exchange>;

// The API as we use it, 1.x: from the one of Debian 12's engine to the last that changes nothing for us.
constexpr int k_oldest_minor = 41;
constexpr int k_newest_minor = 43;

http::Deadline within(std::chrono::milliseconds time) { return http::Clock::now() + time; }

/// The minor number of "1.41"; -1 where it is no version 1.
int minor_version(std::string_view version) {
  int minor = -1;
  if (!version.starts_with("1.")) return -1;
  version.remove_prefix(2);
  std::from_chars(version.data(), version.data() + version.size(), minor);
  return minor;
}

std::unexpected<Error> too_old(std::string_view version) {
  return std::unexpected(Error{
      .kind = Error::Kind::too_old,
      .text = fmt::format("it speaks version {} of the Engine API, and at least 1.{} is needed",
                          version, k_oldest_minor)});
}

/// An error that ended a stream of progress, known by its structure: its words differ from engine to engine.
std::optional<std::string> late_failure(const json::object& progress) {
  if (!progress.contains("error") && !progress.contains("errorDetail")) return std::nullopt;
  std::string message = text_of(object_of(progress, "errorDetail"), "message");
  return message.empty() ? text_of(progress, "error") : message;
}

http::Request to_request(const Call& call, const std::string& version) {
  http::Request request{.method = call.method,
                        .target = version + call.url.text(),
                        .headers = call.headers,
                        .body = call.body ? json::serialize(*call.body) : std::string(call.tar),
                        .source = call.tar_source};
  request.headers.push_back({"User-Agent", "jaypore-ci"});
  const bool is_tar = call.tar_source || !call.tar.empty();
  if (call.body || is_tar)
    request.headers.push_back({"Content-Type", is_tar ? "application/x-tar" : "application/json"});
  return request;
}

Awaitable<Answer<ExchangePtr>> open_over(http::Pool& pool, const http::Request& request,
                                         http::Deadline deadline) {
  auto exchange = co_await pool.request(request, deadline);
  if (!exchange) co_return passed_on(exchange);
  const unsigned status = (*exchange)->head().status;
  if (status < 400) co_return std::move(*exchange);
  auto body = co_await read_all(**exchange, deadline);
  if (!body) co_return passed_on(body);
  co_return refused(status, message_in(*body));
}

Awaitable<Answer<std::string>> text_over(http::Pool& pool, const http::Request& request,
                                         http::Deadline deadline) {
  auto exchange = co_await open_over(pool, request, deadline);
  if (!exchange) co_return passed_on(exchange);
  co_return co_await read_all(**exchange, deadline);
}

}  // namespace

/// How many calls that must not be broken off there are, and who waits until there is none.
struct Calls::Underway {
  std::size_t calls = 0;
  std::optional<Latch> none = {};
};

Calls::Calls(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint)
    : executor_(executor),
      pool_(http::make_pool(executor, endpoint)),
      underway_(std::make_shared<Underway>()) {}

Awaitable<Answer<std::string>> Calls::agree_on_version(std::chrono::milliseconds patience) {
  http::Request request;
  request.target = "/_ping";
  const http::Deadline deadline = within(patience);
  auto exchange = co_await pool_->request(request, deadline);
  if (!exchange) co_return passed_on(exchange);
  auto body = co_await read_all(**exchange, deadline);
  if (!body) co_return passed_on(body);
  const http::Head& head = (*exchange)->head();
  if (head.status != 200) co_return refused(head.status, message_in(*body));
  const std::string_view offered = head.header("Api-Version");
  if (offered.empty())
    co_return protocol_error("what answers is no Docker engine: it names no version of its API");
  const int minor = minor_version(offered);
  if (minor < k_oldest_minor) co_return too_old(offered);
  const std::string version = fmt::format("1.{}", std::min(minor, k_newest_minor));
  version_ = "/v" + version;
  with_podman_ = !head.header("Libpod-Api-Version").empty();
  co_return version;
}

Awaitable<Answer<ExchangePtr>> Calls::open(const Call& call) {
  const http::Request request = to_request(call, version_);
  co_return co_await open_over(*pool_, request, within(call.patience));
}

Awaitable<Answer<std::string>> Calls::text(const Call& call) {
  if (call.in_any_case) co_return co_await text_in_any_case(call);
  const http::Request request = to_request(call, version_);
  co_return co_await text_over(*pool_, request, within(call.patience));
}

// A coroutine of its own, which its caller's cancellation does not reach.
Awaitable<Answer<std::string>> Calls::text_in_any_case(const Call& call) {
  struct Pending {
    explicit Pending(const boost::asio::any_io_executor& executor) : done(executor) {}
    Latch done;
    Answer<std::string> answer = {};
  };
  const auto pending = std::make_shared<Pending>(executor_);
  constexpr auto carry_out = [](std::shared_ptr<http::Pool> pool, http::Request request,
                                http::Deadline deadline, std::shared_ptr<Pending> result,
                                std::shared_ptr<Underway> underway) -> Awaitable<> {
    ++underway->calls;
    result->answer = co_await text_over(*pool, request, deadline);
    result->done.open();
    if (--underway->calls == 0 && underway->none) underway->none->open();
  };
  auto call_made =
      carry_out(pool_, to_request(call, version_), within(call.patience), pending, underway_);
  boost::asio::co_spawn(executor_, std::move(call_made), boost::asio::detached);
  co_await pending->done.wait();
  if (!pending->done.is_open())
    co_return to_error({.kind = http::FailureKind::cancelled, .text = "cancelled"});
  co_return std::move(pending->answer);
}

Awaitable<> Calls::settle(std::chrono::milliseconds patience) {
  if (underway_->calls == 0) co_return;
  Latch& none = underway_->none.emplace(executor_);
  boost::asio::steady_timer deadline(executor_, patience);
  deadline.async_wait([underway = underway_](const boost::system::error_code& cancelled) {
    if (!cancelled && underway->none) underway->none->open();
  });
  co_await none.wait();
  underway_->none.reset();
}

Awaitable<Answer<void>> Calls::done(const Call& call) {
  auto body = co_await text(call);
  if (!body) co_return passed_on(body);
  co_return Answer<void>();
}

Awaitable<Answer<json::object>> Calls::object(const Call& call) {
  auto body = co_await text(call);
  if (!body) co_return passed_on(body);
  auto value = parse_answer(*body);
  if (!value) co_return passed_on(value);
  if (!value->is_object()) co_return protocol_error("the engine's answer is no JSON object");
  co_return std::move(value->get_object());
}

Awaitable<Answer<json::array>> Calls::array(const Call& call) {
  auto body = co_await text(call);
  if (!body) co_return passed_on(body);
  auto value = parse_answer(*body);
  if (!value) co_return passed_on(value);
  if (!value->is_array()) co_return protocol_error("the engine's answer is no JSON array");
  co_return std::move(value->get_array());
}

// To the end of the stream even after an error: its connection can then be used again.
Awaitable<Answer<void>> Calls::progress(const Call& call, std::chrono::milliseconds silence,
                                        const ProgressSink& sink) {
  auto exchange = co_await open(call);
  if (!exchange) co_return passed_on(exchange);
  JsonStream stream;
  std::optional<std::string> failure;
  while (true) {
    auto piece = co_await (*exchange)->read(within(silence));
    if (!piece) co_return passed_on(piece);
    if (piece->empty()) break;
    if (const auto taken = stream.take(*piece); !taken)
      co_return protocol_error(fmt::format("the engine's progress is not JSON: {}", taken.error()));
    while (auto object = stream.next()) {
      failure = late_failure(*object);
      if (!failure) sink(*object);
    }
  }
  if (failure) co_return refused(200, std::move(*failure));
  if (!stream.at_end()) co_return protocol_error("the engine's progress ends in the middle");
  co_return Answer<void>();
}

}  // namespace jci::docker
