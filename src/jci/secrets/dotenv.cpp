// SPDX-License-Identifier: MIT
#include "jci/secrets/dotenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "jci/secrets/error.hpp"

namespace jci::secrets {
namespace {

constexpr std::string_view k_escaped_newline = "\\n";

std::string with_newlines(std::string_view text) {
  std::string value;
  value.reserve(text.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(k_escaped_newline), text.size());
    value += text.substr(0, end);
    text.remove_prefix(end);
    if (text.empty()) break;
    value += '\n';
    text.remove_prefix(k_escaped_newline.size());
  }
  return value;
}

void append_escaped(std::string& text, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      text += k_escaped_newline;
    } else {
      text += c;
    }
  }
}

bool is_conflict_marker(std::string_view line) {
  constexpr std::array<std::string_view, 4> k_markers = {"<<<<<<<", "|||||||",
                                                         "=======", ">>>>>>>"};
  return std::ranges::any_of(k_markers, [line](std::string_view marker) {
    return line.starts_with(marker) && (line.size() == 7 || line[7] == ' ');
  });
}

DotenvLine parse_line(std::string_view line, std::size_t number) {
  if (is_conflict_marker(line))
    throw Error(Problem::conflict, fmt::format("line {} is a conflict marker of git", number));
  if (line.starts_with('#'))
    return {DotenvLine::Kind::comment, {}, Wiped(std::string(line.substr(1)))};
  const std::size_t sign = line.find('=');
  if (sign == std::string_view::npos)  // not repeated: it may be half a secret
    throw Error(Problem::malformed,
                fmt::format("line {} is neither `KEY=value` nor a comment, which begins with `#`; "
                            "a newline of a value is written `\\n`",
                            number));
  return {DotenvLine::Kind::variable, std::string(line.substr(0, sign)),
          Wiped(with_newlines(line.substr(sign + 1)))};
}

void append(std::string& text, const DotenvLine& line) {
  if (line.kind == DotenvLine::Kind::comment) {
    text.append("#").append(line.value.view());
  } else {
    text.append(line.name).append("=");
    append_escaped(text, line.value.view());
  }
}

}  // namespace

std::vector<DotenvLine> parse_dotenv(std::string_view text) {
  std::vector<DotenvLine> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(parse_line(text.substr(0, end), number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Wiped to_dotenv(std::span<const DotenvLine> lines) {
  std::size_t size = 0;
  for (const DotenvLine& line : lines) size += line.name.size() + 2 * line.value.view().size() + 2;
  std::string text;
  text.reserve(size);  // so that it never moves and leaves a copy
  for (const DotenvLine& line : lines) {
    append(text, line);
    text += '\n';
  }
  return Wiped(std::move(text));
}

Wiped to_dotenv(const DotenvLine& line) {
  std::string text;
  append(text, line);
  return Wiped(std::move(text));
}

bool is_variable_name(std::string_view name) {
  const auto fits = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); };
  return !name.empty() && std::ranges::all_of(name, fits) &&
         std::isdigit(static_cast<unsigned char>(name.front())) == 0;
}

}  // namespace jci::secrets
