// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "jci/secrets/wiped.hpp"

namespace jci::cli {

/// The line that the user types on the terminal that is stdin, after `question` on stderr, with its end. It is not shown; the terminal shows again what is typed
/// after that, also if a signal ends this process. Throws TriggerFailed.
secrets::Wiped typed_secret(std::string_view question);

}  // namespace jci::cli
