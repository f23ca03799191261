// SPDX-License-Identifier: MIT
#include "jci/executors/docker/ssh_tunnel.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

#include "jci/util/files.hpp"
#include "jci/util/program.hpp"

namespace jci::docker {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Kind = SshProblem::Kind;

// All that a login takes: longer than ssh's own ConnectTimeout, of which each hop has one.
constexpr auto k_login = std::chrono::seconds(40);
constexpr auto k_first_pause = std::chrono::milliseconds(200);
constexpr auto k_longest_pause = std::chrono::seconds(2);
// For a first login that breaks off: a server that has too many of them at the moment says no more.
constexpr auto k_first_patience = std::chrono::seconds(10);
// A login may print what it likes before the answer comes.
constexpr std::size_t k_most_said = 1024UL * 1024;

std::unexpected<SshProblem> failed(Kind kind, std::string words = {}) {
  return std::unexpected(SshProblem{kind, std::move(words)});
}

}  // namespace

SshTunnel::SshTunnel(const asio::any_io_executor& executor, SshAddress address)
    : executor_(executor),
      address_(std::move(address)),
      ssh_(find_on_path("ssh")),
      directory_("ssh"),
      tasks_(executor) {}

fs::path SshTunnel::socket() const { return file("engine"); }

SshProblem SshTunnel::problem() const { return problem_in(errors()); }

std::string SshTunnel::errors() const { return contents_of(file("errors")); }

Companion::Program SshTunnel::program(std::vector<std::string> arguments) const {
  // Not even through a window of its own: a ProxyJump knows nothing of BatchMode.
  return {.path = *ssh_,
          .arguments = std::move(arguments),
          .variables = {"SSH_ASKPASS_REQUIRE=never"},
          .errors = file("errors")};
}

Awaitable<std::expected<void, SshProblem>> SshTunnel::open() {
  if (!ssh_) co_return failed(Kind::no_ssh);
  auto connected = co_await connect_again_and_again(false);
  problem_now_.reset();
  if (connected) tasks_.spawn(keep());
  co_return connected;
}

Awaitable<> SshTunnel::close() {
  tasks_.cancel();
  co_await tasks_.join();
  connection_.reset();
}

Awaitable<std::expected<void, SshProblem>> SshTunnel::connect_in_time() {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer patience(executor_, k_login);
  auto first = connect() || patience.async_wait(asio::use_awaitable);
  auto done = co_await std::move(first);
  if (done.index() == 0) {
    auto connected = std::get<0>(std::move(done));
    if (!connected) connection_.reset();
    co_return connected;
  }
  connection_.reset();
  co_return failed(Kind::silent);
}

Awaitable<std::expected<void, SshProblem>> SshTunnel::connect() {
  connection_.reset();
  std::error_code ignored;
  for (const char* stale : {"control", "engine", "errors"}) fs::remove(file(stale), ignored);
  const auto engine = co_await log_in();
  if (!engine) co_return std::unexpected(engine.error());
  co_return co_await forward(*engine);
}

Awaitable<std::expected<FarEngine, SshProblem>> SshTunnel::log_in() {
  connection_ =
      std::make_unique<Companion>(executor_, program(login_arguments(address_, file("control"))));
  connection_->tell(where_is_the_engine(address_.socket));
  std::string said;
  for (;;) {
    if (auto answer = answer_in(said)) co_return std::move(*answer);
    const std::string piece = co_await connection_->hear();
    if (piece.empty() || said.size() > k_most_said) break;
    said += piece;
  }
  co_return std::unexpected(problem());
}

Awaitable<std::expected<void, SshProblem>> SshTunnel::forward(const FarEngine& engine) {
  if (engine.kind == FarEngine::Kind::none) {
    const std::string& socket = address_.socket.empty() ? engine.where : address_.socket.native();
    co_return failed(Kind::no_engine, socket);
  }
  if (engine.kind == FarEngine::Kind::denied) co_return failed(Kind::engine_denied, engine.where);
  const auto target = forward_target(engine);
  if (!target) co_return failed(Kind::engine_elsewhere, engine.where);
  Companion asking(executor_, program(forward_arguments(file("control"), file("engine"), *target)));
  while (!(co_await asking.hear()).empty()) {
  }
  if (asking.wait() != 0) co_return std::unexpected(problem());
  socket_there_ = target->starts_with('/') ? *target : "";
  co_return std::expected<void, SshProblem>();
}

/// Until it is there, or hopeless. A far side that has taken us before may take us again for as long as we are here.
Awaitable<std::expected<void, SshProblem>> SshTunnel::connect_again_and_again(bool was_there) {
  using Clock = std::chrono::steady_clock;
  const auto give_up = was_there ? Clock::time_point::max() : Clock::now() + k_first_patience;
  asio::steady_timer pause(executor_);
  for (std::chrono::milliseconds time = k_first_pause;; time *= 2) {
    auto connected = co_await connect_in_time();
    if (connected || !may_pass(connected.error().kind, was_there) || Clock::now() > give_up)
      co_return connected;
    problem_now_ = connected.error();
    time = std::min<std::chrono::milliseconds>(time, k_longest_pause);
    pause.expires_after(time);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

/// Makes the connection again each time it has ended.
Awaitable<> SshTunnel::keep() {
  for (;;) {
    while (!(co_await connection_->hear()).empty()) {
    }
    ++ended_;
    const auto connected = co_await connect_again_and_again(true);
    problem_now_.reset();
    if (connected) continue;
    problem_now_ = connected.error();
    co_return;
  }
}

}  // namespace jci::docker
