// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/config_file.hpp"
#include "jci/executors/docker/endpoint.hpp"
#include "jci/executors/docker/ssh_tunnel.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

/// The engine that the `docker` command would use, for one run: how it is found and reached, and how long it is waited for when it goes away.
///
/// Whoever cannot reach it asks `comes_back`, all of them the same absence; the user is told of its beginning and of its end.
class Connection {
 public:
  struct Absence {
    /// For how long an engine that is away is waited for; where nothing is said, by how it is reached.
    std::optional<std::chrono::milliseconds> patience = {};
    std::function<void(std::string_view)> tell = {};  ///< the user
  };

  Connection(const boost::asio::any_io_executor& executor, Absence absence);

  /// Finds the engine, and has it answer. Throws BadConfig for an address that is none, TriggerFailed where nobody answers.
  Awaitable<> open();
  /// Must have returned before this object ends, if `open` did.
  Awaitable<> close();

  Client& client() { return *client_; }
  const ConfigFile& config() const { return config_; }
  /// As `DOCKER_HOST` would say it.
  std::string address() const { return address_text(*endpoint_); }
  /// Of the engine, as its own machine knows it, as far as that can be told.
  std::string socket() const;

  /// How often the way to it was broken, as far as that is noticed: its clock need not be ours.
  std::size_t breaks() const { return tunnel_ ? tunnel_->ended() : 0; }
  /// Whether it takes calls, over a connection that is new.
  Awaitable<bool> answers();
  /// Waits until it does. False where it stays away, can never be reached again, or it is `enough`.
  Awaitable<bool> comes_back(const std::function<bool()>& enough = {});
  /// After `comes_back` said no, for people: what became of it.
  std::string what_became() const;

  /// Makes a call, which returns an Answer; and again, from its beginning, where the engine was lost on the way and has come back.
  template <class Call>
  auto insist(Call call, std::function<bool()> enough = {}) -> decltype(call()) {
    auto answer = co_await call();
    for (int tries = 1; !answer && answer.error().kind == Error::Kind::connection; ++tries) {
      const bool again = tries < k_tries && co_await comes_back(enough);
      if (!again) break;
      answer = co_await call();
    }
    co_return std::move(answer);
  }

 private:
  using Clock = std::chrono::steady_clock;
  // Of a way that breaks again and again.
  static constexpr int k_tries = 4;

  Awaitable<> dig(const SshAddress& address);
  Awaitable<Answer<std::string>> first_answer();
  http::Endpoint place() const;
  std::string explain(const Error& error) const;
  std::chrono::milliseconds patience() const;
  void is_away();
  void is_back();
  void tell(std::string_view message) const;

  boost::asio::any_io_executor executor_;
  const Absence absence_;
  ConfigFile config_;
  std::optional<Endpoint> endpoint_;
  std::unique_ptr<SshTunnel> tunnel_;  // where the engine is behind ssh
  std::optional<Client> client_;
  std::optional<Clock::time_point> away_since_;
};

}  // namespace jci::docker
