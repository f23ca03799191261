// SPDX-License-Identifier: MIT
#include "jci/util/http_wire_beast.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>

namespace jci::http {
namespace {

namespace asio = boost::asio;
// The category itself is in libjci_tls.so, where errors are made.
constexpr std::string_view k_of_openssl = "asio.ssl";
// Between two tries at a unix socket whose queue of connections is full.
constexpr auto k_queue_full = std::chrono::milliseconds(10);

class PlainWire final : public Wire {
 public:
  explicit PlainWire(Socket socket) : socket_(std::move(socket)) {}
  Awaitable<Transfer> read_some(std::span<char> space) override {
    return read_from(socket_, space);
  }
  Awaitable<Transfer> write(const Pieces& pieces) override { return write_to(socket_, pieces); }
  void finish_writing() override {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  void close() override { close_socket(socket_); }
  bool quiet() override { return is_quiet(socket_); }

 private:
  Socket socket_;
};

// A peer that vanished without a word is noticed within a minute.
void probe_while_silent(Socket& socket) {
  const auto set = [&](int level, int option, int value) {
    ::setsockopt(socket.native_handle(), level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
  set(IPPROTO_TCP, TCP_NODELAY, 1);
}

FailureKind kind_of_connect_error(int error) {
  if (error == ENOENT || error == ENOTDIR) return FailureKind::no_such_socket;
  if (error == EACCES || error == EPERM) return FailureKind::permission_denied;
  return FailureKind::cannot_connect;
}

Failure cannot_connect(const Endpoint& endpoint, const error_code& error, bool timed_out) {
  if (timed_out || error == asio::error::operation_aborted)
    return to_failure(error, timed_out, endpoint, "connecting to");
  const int number = error.category() == boost::system::system_category() ? error.value() : 0;
  const auto kind =
      endpoint.socket.empty() ? FailureKind::cannot_connect : kind_of_connect_error(number);
  return {kind, fmt::format("cannot connect to `{}`: {}", endpoint.name(), error.message()),
          number};
}

int connect_once(Socket& socket, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.data(), path.size());
  const auto* plain = reinterpret_cast<const sockaddr*>(&address);
  return ::connect(socket.native_handle(), plain, sizeof address) == 0 ? 0 : errno;
}

// By hand: where the server's queue is full, Asio takes the socket for connected.
Awaitable<error_code> connect_unix(Socket& socket, const std::string& path, Deadline deadline) {
  error_code error;
  socket.open(asio::local::stream_protocol(), error);
  if (!error) socket.non_blocking(true, error);
  while (!error) {
    const int number = connect_once(socket, path);
    if (number == 0) co_return error_code();
    if (number != EAGAIN && number != EINTR)
      co_return error_code(number, boost::system::system_category());
    asio::steady_timer pause(socket.get_executor(), k_queue_full);
    const auto [interrupted] = co_await pause.async_wait(k_tuple);
    error = interrupted;
    if (Clock::now() >= deadline) error = asio::error::timed_out;
  }
  co_return error;
}

using Addresses = asio::ip::tcp::resolver::results_type;

/// What the resolver's own thread finds; it cannot be interrupted, only no longer waited for.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor)
      : resolver(executor), found(executor, Deadline::max()) {}
  asio::ip::tcp::resolver resolver;
  asio::steady_timer found;  // cancelled when it has
  error_code error = asio::error::operation_aborted;
  Addresses addresses;
};

Awaitable<std::pair<error_code, Addresses>> resolve(const Endpoint& endpoint, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->found.expires_at(deadline);
  lookup->resolver.async_resolve(endpoint.host, std::to_string(endpoint.port),
                                 [lookup](const error_code& error, const Addresses& addresses) {
                                   lookup->error = error;
                                   lookup->addresses = addresses;
                                   lookup->found.cancel();
                                 });
  const auto [interrupted] = co_await lookup->found.async_wait(k_tuple);
  if (!interrupted) lookup->error = asio::error::timed_out;
  co_return std::pair(lookup->error, lookup->addresses);
}

Awaitable<error_code> connect_tcp(Socket& socket, const Endpoint& endpoint, Deadline deadline) {
  const auto [unknown, addresses] = co_await resolve(endpoint, deadline);
  if (unknown) co_return unknown;
  error_code error = asio::error::host_not_found;
  for (const auto& address : addresses) {
    close_socket(socket);
    const Socket::endpoint_type target(address.endpoint());
    const auto [failed] = co_await socket.async_connect(target, k_tuple);
    error = failed;
    if (!error || error == asio::error::operation_aborted) break;
  }
  if (!error) probe_while_silent(socket);
  co_return error;
}

Awaitable<Result<std::unique_ptr<Wire>>> wrap_in_tls(Socket socket, const Endpoint& endpoint,
                                                     TlsContext& tls, Deadline deadline) {
  const auto executor = socket.get_executor();
  std::unique_ptr<TlsWire> wire = tls.wrap(std::move(socket));
  const Watch watch(executor, deadline, [&wire] { wire->close(); });
  const error_code error = co_await wire->shake_hands(endpoint.host);
  if (!error) co_return std::unique_ptr<Wire>(std::move(wire));
  Failure failure = to_failure(error, watch.expired(), endpoint, "starting TLS with");
  if (failure.kind == FailureKind::closed) failure.kind = FailureKind::tls;
  co_return std::unexpected(std::move(failure));
}

}  // namespace

Watch::Watch(const asio::any_io_executor& executor, Deadline deadline,
             std::function<void()> expired) {
  if (deadline == k_no_deadline) return;
  state_ = std::make_shared<State>(asio::steady_timer(executor, deadline), std::move(expired));
  state_->timer.async_wait([weak = std::weak_ptr(state_)](const error_code& error) {
    const auto state = weak.lock();
    if (error || !state) return;
    state->expired = true;
    state->on_expiry();
  });
}

Failure to_failure(const error_code& error, bool timed_out, const Endpoint& endpoint,
                   std::string_view action) {
  const auto failure = [&](FailureKind kind, std::string_view why, int number = 0) {
    return Failure{kind, fmt::format("{} `{}`: {}", action, endpoint.name(), why), number};
  };
  if (timed_out || error == asio::error::timed_out)
    return failure(FailureKind::timed_out, "no answer in time");
  if (error == asio::error::operation_aborted) return failure(FailureKind::cancelled, "cancelled");
  if (error == asio::error::eof) return failure(FailureKind::closed, "the connection was closed");
  if (error.category().name() == k_of_openssl) return failure(FailureKind::tls, error.message());
  return failure(FailureKind::closed, error.message(), error.value());
}

Awaitable<Result<std::unique_ptr<Wire>>> connect(const Endpoint& endpoint,
                                                 const std::shared_ptr<TlsContext>& tls,
                                                 Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  Socket socket(executor);
  error_code error;
  bool late = false;
  {
    const Watch watch(executor, deadline, [&socket] { close_socket(socket); });
    if (endpoint.socket.empty())
      error = co_await connect_tcp(socket, endpoint, deadline);
    else
      error = co_await connect_unix(socket, endpoint.socket.native(), deadline);
    late = watch.expired();
  }
  if (error) co_return std::unexpected(cannot_connect(endpoint, error, late));
  if (tls) co_return co_await wrap_in_tls(std::move(socket), endpoint, *tls, deadline);
  co_return std::unique_ptr<Wire>(std::make_unique<PlainWire>(std::move(socket)));
}

}  // namespace jci::http
