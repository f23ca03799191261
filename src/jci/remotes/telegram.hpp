// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "jci/core/remote.hpp"
#include "jci/core/repo.hpp"
#include "jci/remotes/variables.hpp"

namespace jci {

struct TelegramSettings {
  std::string root = "https://api.telegram.org";
  std::string token;       ///< "123456:ABC..." of a bot, from @BotFather
  std::string chat;        ///< a number, or "@name" of a public channel
  std::string title = {};  ///< what was built, see build_title
  std::string ca_file = {};
  std::chrono::milliseconds timeout{20'000};  ///< of one call
  std::int64_t message = 0;                   ///< of this run, known from before; 0: none yet
};

/// JAYPORE_TELEGRAM_TOKEN, JAYPORE_TELEGRAM_CHAT; JAYPORE_TELEGRAM_API for a server of one's own; JAYPORE_CA_FILE. Throws BadConfig.
TelegramSettings telegram_settings_from_env(const Variables& variables, const Repo& repo);

/// One message a run, edited as it goes. Facts: Telegram's Bot API 10.1. Throws BadConfig for settings that cannot work.
std::shared_ptr<Remote> make_telegram_remote(TelegramSettings settings);
std::shared_ptr<Remote> telegram_remote_at(const boost::json::object& address,
                                           const Variables& variables);

/// The message, in Telegram's HTML: the headline in bold above the report. 4,096 UTF-16 units at most, without the marks: of a report that is longer
/// the first lines stay, and the last one says how many are left out. Pure.
std::string telegram_text(std::string_view headline, std::string_view report);

}  // namespace jci
