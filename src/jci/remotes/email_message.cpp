// SPDX-License-Identifier: MIT
#include "jci/remotes/email_message.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "jci/core/errors.hpp"
#include "jci/util/base64.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

constexpr std::size_t k_line = 78;  // RFC 5322 2.1.1: what a line should not exceed
// Behind "Subject: " in a line of 76, the limit of RFC 2047 2.
constexpr std::size_t k_word_bytes = 39;
constexpr std::size_t k_longest_path = 254;  // RFC 5321 4.5.3.1.3, without < and >

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

bool is_plain(char byte) { return byte >= ' ' && byte <= '~'; }

/// The longest beginning of at most `size` bytes that ends between two characters.
std::string_view whole_characters(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && is_continuation(text[size])) --size;
  return text.substr(0, size);
}

/// As it is where that is plain ASCII, fits the line and cannot be taken for an encoded word; else RFC 2047's encoded words, one a line.
std::string header_text(std::string_view name, std::string_view text) {
  const bool fits = name.size() + 2 + text.size() <= k_line;
  if (fits && std::ranges::all_of(text, is_plain) && text.find("=?") == std::string_view::npos)
    return std::string(text);
  std::string words;
  while (!text.empty()) {
    const auto part = whole_characters(text, k_word_bytes);
    words += fmt::format("{}=?UTF-8?B?{}?=", words.empty() ? "" : "\r\n ", base64(part));
    text.remove_prefix(part.size());
  }
  return words;
}

/// "widgets" for ".../widgets.git/"; empty where there is no such end.
std::string_view last_part(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  while (path.ends_with('/')) path.remove_suffix(1);  // a checkout's own git directory
  return path.substr(path.find_last_of("/:") + 1);    // npos + 1 is 0
}

}  // namespace

std::vector<std::string> email_headers(const EmailMessage& message) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(message.date);
  std::vector<std::string> headers;
  const auto add = [&headers](std::string_view name, std::string_view value) {
    headers.push_back(fmt::format("{}: {}", name, value));
  };
  add("From", fmt::format("Jaypore CI <{}>", message.from));
  add("To", fmt::format("{}", fmt::join(message.to, ",\r\n ")));
  if (!message.cc.empty()) add("Cc", fmt::format("{}", fmt::join(message.cc, ",\r\n ")));
  add("Subject", header_text("Subject", sanitize_line(message.subject)));
  add("Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000",
                          fmt::gmtime(std::chrono::system_clock::to_time_t(seconds))));
  add("Message-ID", fmt::format("<{}>", message.id));
  if (!message.thread.empty()) {
    add("In-Reply-To", fmt::format("<{}>", message.thread));
    add("References", fmt::format("<{}>", message.thread));
  }
  add("Auto-Submitted", "auto-generated");
  return headers;
}

std::string email_body(std::string_view text) {
  std::string lines;
  for (const char sign : to_valid_utf8(text)) {
    if (sign == '\r') continue;
    if (sign == '\n') lines += '\r';
    lines += sign;
  }
  return lines;
}

std::string email_subject(Status status, std::string_view title) {
  return fmt::format("[JCI] {}: {}", in_words(status), title);
}

std::string email_title(std::string_view remote_url, std::string_view directory,
                        std::string_view branch, std::string_view sha) {
  const auto name = remote_url.empty() ? last_part(directory) : last_part(remote_url);
  return fmt::format("{} [{}{}{}]", name.empty() ? "repository" : name, branch,
                     branch.empty() ? "" : " ", sha.substr(0, 8));
}

void expect_address(std::string_view address, std::string_view setting) {
  const auto odd = [](char sign) {
    return !is_plain(sign) ||
           std::string_view(" <>,;:\"()[]\\").find(sign) != std::string_view::npos;
  };
  const auto at = address.find('@');
  const bool halves = at != std::string_view::npos && at > 0 && at + 1 < address.size();
  if (halves && address.size() <= k_longest_path && std::ranges::none_of(address, odd)) return;
  throw BadConfig(fmt::format("`{}` of `{}` is no mail address; write `user@host`, without a name",
                              sanitize_line(address), setting));
}

std::vector<std::string> split_addresses(std::string_view list) {
  std::vector<std::string> addresses;
  while (!list.empty()) {
    const auto part = list.substr(0, list.find(','));
    if (const auto address = trim(part); !address.empty()) addresses.emplace_back(address);
    list.remove_prefix(std::min(part.size() + 1, list.size()));
  }
  return addresses;
}

}  // namespace jci
