// SPDX-License-Identifier: MIT
#pragma once

#include "jci/remotes/email.hpp"
#include "jci/remotes/email_message.hpp"

namespace jci::remotes {

/// What libjci_curl.so gives to this room. `send` hands a mail to the server: its text, and where there is HTML both as alternatives, in base64; throws RemoteApiFailed.
struct EmailModule {
  void (*send)(const EmailSettings& settings, const EmailMessage& mail);
};

}  // namespace jci::remotes

extern "C" const jci::remotes::EmailModule jci_remotes_email;
