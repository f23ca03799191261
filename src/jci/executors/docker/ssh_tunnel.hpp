// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "jci/executors/docker/endpoint.hpp"
#include "jci/executors/docker/ssh_words.hpp"
#include "jci/util/async.hpp"
#include "jci/util/companion.hpp"
#include "jci/util/socket_directory.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {

/// The way to an engine on another machine: one connection of the user's own `ssh`, which so has his configuration, keys, agent and known
/// hosts, and carries any number of ours. It brings them from a unix socket here to the engine's there. It asks for nothing, and ends with us.
class SshTunnel {
 public:
  SshTunnel(const boost::asio::any_io_executor& executor, SshAddress address);

  /// Logs in and finds the engine there. From then on a connection that ends is made again, until `close`, or until that is beyond hope.
  Awaitable<std::expected<void, SshProblem>> open();
  /// Where to connect to. Nobody listens there while the connection is being made again.
  std::filesystem::path socket() const;
  /// The engine's socket, there; empty where it has none that is known.
  const std::string& socket_there() const { return socket_there_; }
  /// What ssh said last about connections that it could not bring to the engine.
  SshProblem problem() const;
  /// How often a connection has ended since it was opened.
  std::size_t ended() const { return ended_; }
  /// Why there is no connection now; nothing where there is one, or has not been none for long.
  const std::optional<SshProblem>& problem_now() const { return problem_now_; }
  /// There will be none any more, for the reason that `problem_now` is.
  bool gave_up() const { return problem_now_ && !may_pass(problem_now_->kind, true); }
  /// Must have returned before this object ends, if `open` succeeded.
  Awaitable<> close();

 private:
  Awaitable<std::expected<void, SshProblem>> connect();
  Awaitable<std::expected<void, SshProblem>> connect_in_time();
  Awaitable<std::expected<void, SshProblem>> connect_again_and_again(bool was_there);
  Awaitable<std::expected<FarEngine, SshProblem>> log_in();
  Awaitable<std::expected<void, SshProblem>> forward(const FarEngine& engine);
  Awaitable<> keep();
  std::string errors() const;
  Companion::Program program(std::vector<std::string> arguments) const;
  std::filesystem::path file(const char* name) const { return directory_.path() / name; }

  boost::asio::any_io_executor executor_;
  const SshAddress address_;
  const std::optional<std::filesystem::path> ssh_;
  SocketDirectory directory_;
  std::string socket_there_;
  std::size_t ended_ = 0;
  std::optional<SshProblem> problem_now_;
  std::unique_ptr<Companion> connection_;
  TaskGroup tasks_;
};

}  // namespace jci::docker
