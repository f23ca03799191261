// SPDX-License-Identifier: MIT
#include "jci/remotes/block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "jci/remotes/chat_text.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

constexpr std::string_view k_mark = "<!-- jaypore-ci";
constexpr std::string_view k_no_mark = "<! -- jaypore-ci";
// Our Text report begins with it, see reporters/text.hpp.
constexpr std::string_view k_box = "╔";

/// A line of a body, without what ends it.
struct Line {
  std::string_view text;
  std::size_t begin = 0;
  std::size_t end = 0;  // behind its newline
};

std::vector<Line> lines_of(std::string_view body) {
  std::vector<Line> lines;
  for (std::size_t begin = 0; begin < body.size();) {
    const std::size_t newline = std::min(body.find('\n', begin), body.size());
    std::string_view text = body.substr(begin, newline - begin);
    while (text.ends_with('\r') || text.ends_with(' ')) text.remove_suffix(1);
    const std::size_t end = std::min(newline + 1, body.size());
    lines.push_back({text, begin, end});
    begin = end;
  }
  return lines;
}

/// In a comment of HTML there is no `--`, and ours must stay on its line.
std::string comment(std::string_view word, std::string_view context) {
  std::string name = sanitize_line(context);
  std::ranges::replace_if(
      name, [](char sign) { return sign == '-' || sign == '<' || sign == '>'; }, '_');
  return fmt::format("{}:{} {} -->", k_mark, word, name);
}

std::string end_of(std::string_view context) { return comment("end", context); }

/// The part as it stands: from the last line that begins one and has an end, to the first end behind it.
struct Place {
  std::size_t begin;
  std::size_t end;
};

std::optional<Place> find_block(std::string_view body, std::string_view context) {
  const std::string first = block_begin(context);
  const std::string last = end_of(context);
  std::optional<std::size_t> end;
  const std::vector<Line> lines = lines_of(body);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (line->text == last) end = line->end;
    if (line->text == first && end) return Place{line->begin, *end};
  }
  return std::nullopt;
}

/// Longer than any run of backticks in it.
std::string fenced(std::string_view text) {
  std::size_t longest = 2;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t run = std::min(text.find_first_not_of('`', at), text.size()) - at;
    longest = std::max(longest, run);
    at += run;
  }
  const std::string fence(longest + 1, '`');
  return fmt::format("{}\n{}{}{}\n", fence, text, text.ends_with('\n') ? "" : "\n", fence);
}

}  // namespace

std::string block_begin(std::string_view context) { return comment("begin", context); }

std::string make_block(std::string_view context, std::string_view report) {
  std::string text = to_valid_utf8(report);
  replace_all(text, k_mark, k_no_mark);
  if (text.starts_with(k_box)) text = fenced(text);
  return fmt::format("{}\n{}{}{}\n", block_begin(context), text, text.ends_with('\n') ? "" : "\n",
                     end_of(context));
}

std::string with_block(std::string_view body, std::string_view context, std::string_view block) {
  if (const auto place = find_block(body, context))
    return fmt::format("{}{}{}", body.substr(0, place->begin), block, body.substr(place->end));
  if (body.empty()) return std::string(block);
  return fmt::format("{}{}\n{}", body, body.ends_with('\n') ? "" : "\n", block);
}

}  // namespace jci
