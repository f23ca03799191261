// SPDX-License-Identifier: MIT
#include "jci/push/notify.hpp"

#include <chrono>
#include <cstdlib>
#include <exception>

#include "jci/util/program.hpp"
#include "jci/util/subprocess.hpp"

namespace jci::push {
namespace {

bool has_desktop() {
  return std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr ||
         std::getenv("DBUS_SESSION_BUS_ADDRESS") != nullptr;
}

}  // namespace

void notify(const std::string& title, const std::string& text) noexcept {
  try {
    const auto program = find_on_path("notify-send");
    if (!program || !has_desktop()) return;
    run_subprocess({*program, "--app-name=Jaypore CI", "--", title, text}, std::chrono::seconds(5));
  } catch (const std::exception&) {  // a notification is a courtesy: the report says the same
    return;
  }
}

}  // namespace jci::push
