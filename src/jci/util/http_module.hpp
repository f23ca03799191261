// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "jci/util/http.hpp"

namespace jci::http {

/// What libjci_http.so gives to this room: the body of `make_pool`.
struct HttpModule {
  std::shared_ptr<Pool> (*make_pool)(const boost::asio::any_io_executor& executor,
                                     const Endpoint& endpoint);
};

}  // namespace jci::http

extern "C" const jci::http::HttpModule jci_util_http;
