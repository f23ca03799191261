// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/status.hpp"

namespace jci {

/// What one mail says, and of which thread it is a part.
struct EmailMessage {
  std::string from;             ///< an address, see expect_address
  std::vector<std::string> to;  ///< addresses
  std::vector<std::string> cc;  ///< addresses
  std::string subject;          ///< any text; shown on one line
  std::string text;             ///< any text
  std::string html;             ///< the same as HTML; empty: there is none
  std::string id;               ///< "abc@example.org", without < and >
  std::string thread;           ///< the id of the thread's first mail; empty for that one itself
  std::chrono::system_clock::time_point date;
};

/// The mail's headers but for those of MIME, as SMTP carries them (RFC 5322): ASCII, folded by CRLF where a line would have over 78 octets but for long
/// addresses. Whatever `subject` holds, it adds no header. Pure.
std::vector<std::string> email_headers(const EmailMessage& message);

/// Any text in MIME's canonical form: valid UTF-8, every line ended by CRLF.
std::string email_body(std::string_view text);

/// "[JCI] failed: widgets [main 0a1b2c3d]"; `title` as from email_title.
std::string email_subject(Status status, std::string_view title);

/// "widgets [main 0a1b2c3d]"; the name is the end of the repository's url, else of its directory.
std::string email_title(std::string_view remote_url, std::string_view directory,
                        std::string_view branch, std::string_view sha);

/// Throws BadConfig naming `setting` unless `address` is one plain `user@host` in printable ASCII.
void expect_address(std::string_view address, std::string_view setting);

/// "a@x, b@y" -> {"a@x", "b@y"}; empty parts do not count.
std::vector<std::string> split_addresses(std::string_view list);

}  // namespace jci
