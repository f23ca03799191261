// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "jci/util/async.hpp"

/// The way of bytes to a server and back. Only for the sources of libjci_http.so and libjci_tls.so.
namespace jci::http {

using boost::system::error_code;
using Socket = boost::asio::generic::stream_protocol::socket;
using Pieces = std::vector<boost::asio::const_buffer>;
using Transfer = std::pair<error_code, std::size_t>;

inline constexpr auto k_tuple = boost::asio::as_tuple(boost::asio::use_awaitable);

/// Bytes to and from the server; plain, or through TLS.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual Awaitable<Transfer> read_some(std::span<char> space) = 0;
  /// The number is what was sent of `pieces`, also where it failed.
  virtual Awaitable<Transfer> write(const Pieces& pieces) = 0;
  virtual void finish_writing() = 0;
  /// Ends reads and writes in progress.
  virtual void close() = 0;
  /// Open, and the server has said nothing: false where an idle one cannot be used again.
  virtual bool quiet() = 0;
};

template <class Stream>
Awaitable<Transfer> read_from(Stream& stream, std::span<char> space) {
  const auto buffer = boost::asio::buffer(space.data(), space.size());
  const auto [error, size] = co_await stream.async_read_some(buffer, k_tuple);
  co_return Transfer(error, size);
}

template <class Stream>
Awaitable<Transfer> write_to(Stream& stream, const Pieces& pieces) {
  const auto [error, size] = co_await boost::asio::async_write(stream, pieces, k_tuple);
  co_return Transfer(error, size);
}

inline void close_socket(Socket& socket) {
  error_code ignored;
  socket.close(ignored);
}

inline bool is_quiet(Socket& socket) {
  char byte = 0;
  return socket.is_open() &&
         ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

}  // namespace jci::http
