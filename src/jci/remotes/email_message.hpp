// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace jci {

/// What one mail says, and of which thread it is a part.
struct EmailMessage {
  std::string from;             ///< an address, see expect_address
  std::vector<std::string> to;  ///< addresses
  std::string subject;          ///< any text; shown on one line
  std::string body;             ///< any text
  std::string id;               ///< "abc@example.org", without < and >
  std::string thread;           ///< the id of the thread's first mail; empty for that one itself
  std::chrono::system_clock::time_point date;
};

/// The mail as SMTP carries it (RFC 5322, MIME): CRLF, ASCII, no line over 78 octets but for long addresses. Whatever `subject` and `body` hold, they add no
/// header. Pure.
std::string compose(const EmailMessage& message);

/// "[JCI] widgets [main 0a1b2c3d]"; the name is the end of the repository's url, else of its directory.
std::string email_subject(std::string_view remote_url, std::string_view directory,
                          std::string_view branch, std::string_view sha);

/// Throws BadConfig naming `setting` unless `address` is one plain `user@host` in printable ASCII.
void expect_address(std::string_view address, std::string_view setting);

/// "a@x, b@y" -> {"a@x", "b@y"}; empty parts do not count.
std::vector<std::string> split_addresses(std::string_view list);

}  // namespace jci
