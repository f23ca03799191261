// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jci/util/async.hpp"

namespace jci::http {

// HTTP/1.1 with one server over a unix socket, TCP or TLS: the client's side, on the engine thread.
//
// What goes wrong is a value, `Failure`. Each wait ends at its deadline or when its coroutine is cancelled in Asio's way (a
// cancellation slot, or losing in `a || b`); either closes the connection it happened on and no other.

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;
/// For what may take any time. A peer that vanished is still noticed: TCP is probed while it is silent, a unix socket closes.
inline constexpr Deadline k_no_deadline = Deadline::max();

/// The files of TLS, PEM; an empty path is "none" (for `authority`: those that the system trusts).
struct Tls {
  std::filesystem::path authority;
  std::filesystem::path certificate;  ///< ours, with its chain
  std::filesystem::path key;
  bool verify = true;  ///< the server's certificate and that it is for `host`
};

/// Where the server listens: at a unix socket, or where `socket` is empty at host and port.
struct Endpoint {
  std::filesystem::path socket;
  std::string host;  ///< name or address, IPv6 without brackets
  std::uint16_t port = 0;
  std::optional<Tls> tls;
  std::string alias = {};  ///< what people know it by, where that is not the above

  /// For messages: its alias; else "/run/docker.sock", "build.example.org:2376".
  std::string name() const;
};

enum class FailureKind {
  cannot_connect,     ///< refused, no route, unknown host ...
  permission_denied,  ///< by the unix socket
  no_such_socket,     ///< there is no file at `Endpoint::socket`
  timed_out,
  cancelled,
  closed,    ///< by the server, before its answer was complete
  protocol,  ///< what came is not HTTP, or is larger than any sane answer
  tls,       ///< certificates and the like, ours or theirs
};

struct Failure {
  FailureKind kind;
  std::string text;  ///< for people: what was tried, where, and the system's word for it
  int error = 0;     ///< errno, or 0
};

template <class T>
using Result = std::expected<T, Failure>;

struct Header {
  std::string name;
  std::string value;
};

/// Gives the next piece of a body, valid until the next call; empty at the end. Must not throw.
using BodySource = std::function<Awaitable<std::string_view>()>;

struct Request {
  std::string method = "GET";
  std::string target = {};           ///< path and query, encoded
  std::vector<Header> headers = {};  ///< without Host, Content-Length and Transfer-Encoding
  std::string body = {};
  BodySource source = {};  ///< in place of `body`: sent in chunks as it comes
};

/// The beginning of an answer.
struct Head {
  unsigned status = 0;
  std::vector<Header> headers;

  /// Value of the first header called `name` (any case); empty if there is none.
  std::string_view header(std::string_view name) const;
};

/// An answer being read. Has the connection to itself: its end hands the connection back to the pool if the body was read to its end,
/// else closes it. May outlive the pool.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Head& head() const = 0;

  /// The next piece of the body, without its chunking; empty at the end. After a `101 Switching Protocols`: whatever the server sends.
  /// The bytes are the caller's, to overwrite as well, until the next call or the end of this object.
  virtual Awaitable<Result<std::span<char>>> read(Deadline deadline) = 0;

  /// After a 101: sends all of `bytes`. May run beside `read`.
  virtual Awaitable<Result<void>> write(std::string_view bytes, Deadline deadline) = 0;
  /// After a 101: says that nothing more will be written. (TLS cannot say it; there it does nothing.)
  virtual void finish_writing() = 0;
};

/// Requests to one server. Connections are made as needed, any number, and kept for the next request while idle, a few.
class Pool {
 public:
  virtual ~Pool() = default;

  /// Sends `request` and waits for the head of the answer, until `deadline`.
  ///
  /// An idle connection that turns out to be closed (the server was started again) is replaced by a fresh one where that cannot do
  /// anything twice: nothing of the answer came, and the method is GET, HEAD or DELETE, or nothing of the request was sent.
  virtual Awaitable<Result<std::unique_ptr<Exchange>>> request(const Request& request,
                                                               Deadline deadline) = 0;

  virtual std::size_t idle_connections() const = 0;
};

/// Loads libjci_http.so. Connects nowhere yet. Throws std::runtime_error where the module cannot be loaded.
std::shared_ptr<Pool> make_pool(const boost::asio::any_io_executor& executor,
                                const Endpoint& endpoint);

/// `text` with every byte but letters, digits and `-._~` as %XX; those in `keep` stay as well.
std::string percent_encode(std::string_view text, std::string_view keep = {});

}  // namespace jci::http
