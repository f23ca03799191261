// SPDX-License-Identifier: MIT
// TLS for the connections of http.hpp. Apart from these, as OpenSSL takes 3 MiB and a millisecond, and most engines are reached without.
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <fmt/format.h>

#include <utility>

#include "jci/util/tls_module.hpp"

namespace jci::http {
namespace {

namespace asio = boost::asio;

using Context = std::shared_ptr<asio::ssl::context>;

/// One that is cut off looks like one that is closed: HTTP tells whether all has come.
Transfer plain(Transfer transfer) {
  if (transfer.first == asio::ssl::error::stream_truncated) transfer.first = asio::error::eof;
  return transfer;
}

class OpensslWire final : public TlsWire {
 public:
  OpensslWire(Socket socket, Context context, bool verify)
      : context_(std::move(context)), stream_(std::move(socket), *context_), verify_(verify) {}

  Awaitable<error_code> shake_hands(std::string host) override {
    announce(host);
    if (verify_) stream_.set_verify_callback(asio::ssl::host_name_verification(host));
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::client, k_tuple);
    co_return plain({error, 0}).first;
  }
  Awaitable<Transfer> read_some(std::span<char> space) override {
    const Transfer transfer = co_await read_from(stream_, space);
    co_return plain(transfer);
  }
  Awaitable<Transfer> write(const Pieces& pieces) override {
    const Transfer transfer = co_await write_to(stream_, pieces);
    co_return plain(transfer);
  }
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

  Context context_;
  asio::ssl::stream<Socket> stream_;
  bool verify_;
};

class OpensslContext final : public TlsContext {
 public:
  OpensslContext(Context context, bool verify) : context_(std::move(context)), verify_(verify) {}
  std::unique_ptr<TlsWire> wrap(Socket socket) override {
    return std::make_unique<OpensslWire>(std::move(socket), context_, verify_);
  }

 private:
  Context context_;
  bool verify_;
};

std::unexpected<Failure> bad_file(const std::filesystem::path& file, const error_code& error) {
  return std::unexpected(Failure{FailureKind::tls, fmt::format("cannot use `{}` for TLS: {}",
                                                               file.native(), error.message())});
}

Result<std::shared_ptr<TlsContext>> load(const Tls& tls) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code error;
  if (tls.authority.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(tls.authority.native(), error);
  if (error) return bad_file(tls.authority, error);
  if (!tls.certificate.empty())
    context->use_certificate_chain_file(tls.certificate.native(), error);
  if (error) return bad_file(tls.certificate, error);
  if (!tls.key.empty())
    context->use_private_key_file(tls.key.native(), asio::ssl::context::pem, error);
  if (error) return bad_file(tls.key, error);
  context->set_verify_mode(tls.verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  return std::make_shared<OpensslContext>(std::move(context), tls.verify);
}

}  // namespace
}  // namespace jci::http

extern "C" const jci::http::TlsModule jci_util_tls = {.load = jci::http::load};
