// SPDX-License-Identifier: MIT
#include "jci/executors/docker/connection.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <utility>
#include <variant>

#include "jci/core/errors.hpp"
#include "jci/executors/docker/convert.hpp"
#include "jci/executors/docker/explain.hpp"

namespace jci::docker {
namespace {

namespace asio = boost::asio;

constexpr auto k_between_tries = std::chrono::milliseconds(200);
// Time enough to install a newer engine, with which jobs end as well. Those on another machine go on while only the way to it is cut.
constexpr auto k_patience = std::chrono::minutes(1);
constexpr auto k_patience_with_ssh = std::chrono::minutes(5);

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

template <class Duration>
auto whole_seconds(Duration time) {
  return std::chrono::round<std::chrono::seconds>(time).count();
}

}  // namespace

Connection::Connection(const asio::any_io_executor& executor, Absence absence)
    : executor_(executor), absence_(std::move(absence)) {}

// --- its beginning and its end ---

Awaitable<> Connection::open() {
  config_ = read_config_file(environment_variable);
  endpoint_ = find_endpoint(environment_variable, config_);
  if (!endpoint_->warning.empty()) tell(endpoint_->warning);
  if (const auto* ssh = std::get_if<SshAddress>(&endpoint_->address)) co_await dig(*ssh);
  client_.emplace(executor_, place());
  std::exception_ptr failure;
  try {
    const Answer<std::string> version = co_await first_answer();
    if (version) co_return;
    failure = std::make_exception_ptr(TriggerFailed(explain(version.error())));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state();  // it may be what ended the wait
  co_await close();
  std::rethrow_exception(failure);
}

Awaitable<> Connection::dig(const SshAddress& address) {
  tunnel_ = std::make_unique<SshTunnel>(executor_, address);
  const auto opened = co_await tunnel_->open();
  if (opened) co_return;
  tunnel_.reset();
  throw TriggerFailed(explain_ssh(address, endpoint_->source, opened.error()));
}

/// An engine that does not answer is none; but it may be ssh whose connection has ended meanwhile.
Awaitable<Answer<std::string>> Connection::first_answer() {
  for (;;) {
    const std::size_t ended = tunnel_ ? tunnel_->ended() : 0;
    auto version = co_await client_->connect();
    if (version || !tunnel_ || version.error().kind != Error::Kind::connection) co_return version;
    asio::steady_timer until_noticed(executor_, k_between_tries);
    co_await until_noticed.async_wait(asio::use_awaitable);
    if (tunnel_->ended() == ended || !co_await comes_back()) co_return version;
  }
}

Awaitable<> Connection::close() {
  client_.reset();
  if (tunnel_) co_await tunnel_->close();
  tunnel_.reset();
}

http::Endpoint Connection::place() const {
  if (!tunnel_) return to_http(*endpoint_);
  http::Endpoint place;
  place.socket = tunnel_->socket();
  place.alias = address();
  return place;
}

std::string Connection::explain(const Error& error) const {
  if (tunnel_ && error.kind == Error::Kind::connection)
    if (const auto problem = tunnel_->problem(); problem.kind == SshProblem::Kind::not_forwarded)
      return explain_ssh(std::get<SshAddress>(endpoint_->address), endpoint_->source, problem);
  return explain_no_engine(*endpoint_, error);
}

std::string Connection::socket() const {
  if (tunnel_ && !tunnel_->socket_there().empty()) return tunnel_->socket_there();
  const auto* ours = std::get_if<UnixSocket>(&endpoint_->address);
  return ours != nullptr ? ours->path.native() : std::string(k_socket_target);
}

// --- its absences ---

Awaitable<bool> Connection::answers() {
  Client fresh(executor_, place());
  const Answer<std::string> version = co_await fresh.connect();
  if (version)
    is_back();
  else
    is_away();
  co_return version.has_value();
}

Awaitable<bool> Connection::comes_back(const std::function<bool()>& enough) {
  const auto begin = Clock::now();
  asio::steady_timer pause(executor_);
  for (;;) {
    pause.expires_after(k_between_tries);
    co_await pause.async_wait(asio::use_awaitable);
    if (co_await answers()) {
      const Answer<std::string> agreed = co_await client_->connect();
      if (agreed) co_return true;
    }
    if (tunnel_ && tunnel_->gave_up()) co_return false;
    if (Clock::now() > away_since_.value_or(begin) + patience()) co_return false;
    if (enough && enough()) co_return false;
  }
}

std::chrono::milliseconds Connection::patience() const {
  if (absence_.patience) return *absence_.patience;
  return tunnel_ ? k_patience_with_ssh : k_patience;
}

void Connection::is_away() {
  if (away_since_) return;
  away_since_ = Clock::now();
  tell(fmt::format(
      "{} `{}` is lost; {} waited for up to {} s", tunnel_ ? "the connection to" : "the engine at",
      address(), tunnel_ ? "its jobs go on there, and it is" : "it is", whole_seconds(patience())));
}

void Connection::is_back() {
  if (!away_since_) return;
  tell(fmt::format("{} `{}` is back after {} s", tunnel_ ? "the connection to" : "the engine at",
                   address(), whole_seconds(Clock::now() - *away_since_)));
  away_since_.reset();
}

void Connection::tell(std::string_view message) const {
  if (absence_.tell) absence_.tell(message);
}

std::string Connection::what_became() const {
  if (tunnel_ && tunnel_->gave_up())
    return explain_ssh(std::get<SshAddress>(endpoint_->address), endpoint_->source,
                       *tunnel_->problem_now());
  const auto away = away_since_ ? Clock::now() - *away_since_ : Clock::duration();
  const auto problem = tunnel_ ? tunnel_->problem_now() : std::nullopt;
  return fmt::format("the engine has been away for {} s{}{}", whole_seconds(away),
                     problem && !problem->words.empty() ? ": " : "", problem ? problem->words : "");
}

}  // namespace jci::docker
