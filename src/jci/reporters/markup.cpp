// SPDX-License-Identifier: MIT
#include "jci/reporters/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "jci/util/text.hpp"

namespace jci::report {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

/// U+FFFE and U+FFFF, which are Unicode but no characters of XML.
bool is_forbidden(std::string_view text) {
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF");
}

void append_markup(std::string& out, char c) {
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    case '\'':
      out += "&#39;";
      return;
    default:
      out += c;
  }
}

/// Within a line, and not of anything that services make links of.
constexpr std::string_view k_harmless = " -/,()=+%";

/// A character reference is never read as a sign of Markdown (CommonMark 0.31, 6.2 "Entity and numeric character references").
std::string referenced(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_word(c) || !is_ascii(c) || k_harmless.contains(c)) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "&#{};", static_cast<int>(c));
    }
  }
  return out;
}

std::string one_line(std::string_view text, std::size_t characters) {
  auto line = sanitize_line(text);
  line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
  return shorten(line, characters);
}

/// The longest run of backticks.
std::size_t longest_run(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

/// The code point of the first character of `text`, which is valid UTF-8, and its bytes.
std::pair<std::uint32_t, std::size_t> first_code_point(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  std::uint32_t code = first & (0x7FU >> length);
  for (std::size_t at = 1; at < length; ++at)
    code = (code << 6U) | (static_cast<unsigned char>(text[at]) & 0x3FU);
  return {code, length};
}

}  // namespace

std::string markup_text(std::string_view text) {
  std::string out;
  const auto clean = sanitize(text);
  for (std::string_view rest = clean; !rest.empty();) {
    if (is_forbidden(rest)) {
      out += "\xEF\xBF\xBD";
      rest.remove_prefix(3);
    } else {
      append_markup(out, rest.front());
      rest.remove_prefix(1);
    }
  }
  return out;
}

std::string markdown_code(std::string_view text, std::size_t characters) {
  const auto line = one_line(text, characters);
  if (line.empty()) return {};
  const bool is_plain = line.find_first_of("`|\\") == line.npos;
  return is_plain ? "`" + line + "`" : "<code>" + referenced(line) + "</code>";
}

std::string html_code(std::string_view text, std::size_t characters) {
  return "<code>" + referenced(one_line(text, characters)) + "</code>";
}

std::string markdown_fence(std::string_view text, std::string_view language) {
  const auto clean = sanitize(text);
  const std::string fence(std::max<std::size_t>(3, longest_run(clean) + 1), '`');
  const auto* const end = clean.empty() || clean.ends_with('\n') ? "" : "\n";
  return fmt::format("{0}{1}\n{2}{3}{0}\n", fence, language, clean, end);
}

std::string mermaid_label(std::string_view text, std::size_t characters) {
  const auto line = one_line(text, characters);
  std::string out = "\"";
  for (std::string_view rest = line; !rest.empty();) {
    const auto [code, bytes] = first_code_point(rest);
    if (bytes == 1 && (is_word(rest[0]) || rest[0] == ' ')) {
      out += rest[0];
    } else {
      fmt::format_to(std::back_inserter(out), "#{};", code);
    }
    rest.remove_prefix(bytes);
  }
  return out + (out.size() == 1 ? " \"" : "\"");
}

}  // namespace jci::report
