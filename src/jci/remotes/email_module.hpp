// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/remotes/email.hpp"

namespace jci::remotes {

/// What libjci_curl.so gives to this room. `send` hands a composed mail to the server; throws RemoteApiFailed.
struct EmailModule {
  void (*send)(const EmailSettings& settings, const std::string& mail);
};

}  // namespace jci::remotes

extern "C" const jci::remotes::EmailModule jci_remotes_email;
