// SPDX-License-Identifier: MIT
#include "jci/util/http_wire_beast.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
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
using Socket = asio::generic::stream_protocol::socket;
using Transfer = std::pair<error_code, std::size_t>;

constexpr auto k_tuple = asio::as_tuple(asio::use_awaitable);
// Between two tries at a unix socket whose queue of connections is full.
constexpr auto k_queue_full = std::chrono::milliseconds(10);

template <class Stream>
Awaitable<Transfer> read_from(Stream& stream, std::span<char> space) {
  const auto buffer = asio::buffer(space.data(), space.size());
  const auto [error, size] = co_await stream.async_read_some(buffer, k_tuple);
  co_return Transfer(error, size);
}

template <class Stream>
Awaitable<Transfer> write_to(Stream& stream, const Pieces& pieces) {
  const auto [error, size] = co_await asio::async_write(stream, pieces, k_tuple);
  co_return Transfer(error, size);
}

void close_socket(Socket& socket) {
  error_code ignored;
  socket.close(ignored);
}

bool is_quiet(Socket& socket) {
  char byte = 0;
  return socket.is_open() &&
         ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

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

class TlsWire final : public Wire {
 public:
  TlsWire(Socket socket, const std::shared_ptr<asio::ssl::context>& tls)
      : tls_(tls), stream_(std::move(socket), *tls) {}
  Awaitable<error_code> shake_hands(const Endpoint& endpoint) {
    announce(endpoint.host);
    if (endpoint.tls->verify)
      stream_.set_verify_callback(asio::ssl::host_name_verification(endpoint.host));
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::client, k_tuple);
    co_return error;
  }
  Awaitable<Transfer> read_some(std::span<char> space) override {
    return read_from(stream_, space);
  }
  Awaitable<Transfer> write(const Pieces& pieces) override { return write_to(stream_, pieces); }
  void finish_writing() override {}
  void close() override { close_socket(stream_.next_layer()); }
  bool quiet() override { return is_quiet(stream_.next_layer()); }

 private:
  // Which of its names we mean, for a server that has several. What OpenSSL's macro does, in C++.
  void announce(std::string host) {
    error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (not_an_address)
      SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               host.data());
  }

  std::shared_ptr<asio::ssl::context> tls_;
  asio::ssl::stream<Socket> stream_;
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
                                                     const std::shared_ptr<asio::ssl::context>& tls,
                                                     Deadline deadline) {
  const auto executor = socket.get_executor();
  auto wire = std::make_unique<TlsWire>(std::move(socket), tls);
  const Watch watch(executor, deadline, [&wire] { wire->close(); });
  const error_code error = co_await wire->shake_hands(endpoint);
  if (!error) co_return std::unique_ptr<Wire>(std::move(wire));
  Failure failure = to_failure(error, watch.expired(), endpoint, "starting TLS with");
  if (failure.kind == FailureKind::closed) failure.kind = FailureKind::tls;
  co_return std::unexpected(std::move(failure));
}

std::unexpected<Failure> bad_tls_file(const std::filesystem::path& file, const error_code& error) {
  return std::unexpected(Failure{FailureKind::tls, fmt::format("cannot use `{}` for TLS: {}",
                                                               file.native(), error.message())});
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
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
    return failure(FailureKind::closed, "the connection was closed");
  if (error.category() == asio::error::get_ssl_category())
    return failure(FailureKind::tls, error.message());
  return failure(FailureKind::closed, error.message(), error.value());
}

Result<std::shared_ptr<asio::ssl::context>> load_tls(const Tls& tls) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code error;
  if (tls.authority.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(tls.authority.native(), error);
  if (error) return bad_tls_file(tls.authority, error);
  if (!tls.certificate.empty())
    context->use_certificate_chain_file(tls.certificate.native(), error);
  if (error) return bad_tls_file(tls.certificate, error);
  if (!tls.key.empty())
    context->use_private_key_file(tls.key.native(), asio::ssl::context::pem, error);
  if (error) return bad_tls_file(tls.key, error);
  context->set_verify_mode(tls.verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  return context;
}

Awaitable<Result<std::unique_ptr<Wire>>> connect(const Endpoint& endpoint,
                                                 const std::shared_ptr<asio::ssl::context>& tls,
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
  if (tls) co_return co_await wrap_in_tls(std::move(socket), endpoint, tls, deadline);
  co_return std::unique_ptr<Wire>(std::make_unique<PlainWire>(std::move(socket)));
}

}  // namespace jci::http
