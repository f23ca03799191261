// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "jci/util/rest.hpp"

namespace jci::rest {

/// What libjci_curl.so gives to this room. `interrupted` and `limits` outlive the connections.
struct RestModule {
  std::unique_ptr<Connections> (*connect)(const Limits& limits,
                                          const std::atomic<bool>& interrupted);
  std::string (*hmac_sha256)(std::string_view key, std::string_view text);
};

}  // namespace jci::rest

extern "C" const jci::rest::RestModule jci_util_rest;
