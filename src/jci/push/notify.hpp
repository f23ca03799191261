// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace jci::push {

/// Shows a notification on the user's desktop, by notify-send(1) where that and a desktop are there; else nothing happens. Never throws, and waits
/// no longer than a few seconds.
void notify(const std::string& title, const std::string& text) noexcept;

}  // namespace jci::push
