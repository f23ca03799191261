// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "jci/util/http.hpp"
#include "jci/util/http_wire.hpp"

namespace jci::http {

/// One that has to be agreed on first.
class TlsWire : public Wire {
 public:
  /// With the server that calls itself `host`; its certificate is for that name, unless none is wanted.
  virtual Awaitable<error_code> shake_hands(std::string host) = 0;
};

/// The certificates for one server.
class TlsContext {
 public:
  virtual ~TlsContext() = default;
  virtual std::unique_ptr<TlsWire> wrap(Socket socket) = 0;
};

/// What libjci_tls.so gives to this room.
struct TlsModule {
  /// TLS errors only.
  Result<std::shared_ptr<TlsContext>> (*load)(const Tls& tls);
};

}  // namespace jci::http

extern "C" const jci::http::TlsModule jci_util_tls;
