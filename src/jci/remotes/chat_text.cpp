// SPDX-License-Identifier: MIT
#include "jci/remotes/chat_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jci {
namespace {

constexpr std::size_t k_note = 40;  // "… 123456789 more lines" and its newline

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

}  // namespace

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::size_t utf16_units(std::string_view text) {
  const auto beyond = [](char byte) { return static_cast<unsigned char>(byte) >= 0xF0; };
  return characters(text) + static_cast<std::size_t>(std::ranges::count_if(text, beyond));
}

std::string first_lines(std::string_view text, std::size_t most,
                        std::size_t (*measure)(std::string_view)) {
  if (measure(text) <= most) return std::string(text);
  std::size_t room = most - std::min(most, k_note);
  std::string_view rest = text;
  for (std::size_t newline = 0; (newline = rest.find('\n')) != std::string_view::npos;) {
    const std::size_t line = measure(rest.substr(0, newline + 1));
    if (line > room) break;
    room -= line;
    rest.remove_prefix(newline + 1);
  }
  const auto left = std::ranges::count(rest, '\n') + (rest.ends_with('\n') ? 0 : 1);
  return fmt::format("{}… {} more {}\n", text.substr(0, text.size() - rest.size()), left,
                     left == 1 ? "line" : "lines");
}

std::string html_escaped(std::string text) {
  replace_all(text, "&", "&amp;");
  replace_all(text, "<", "&lt;");
  replace_all(text, ">", "&gt;");
  return text;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

}  // namespace jci
