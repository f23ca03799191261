// SPDX-License-Identifier: MIT
#include "jci/push/refs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/util/text.hpp"

namespace jci::push {
namespace {

// Those that are not empty.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

// SHA-1 and SHA-256.
bool is_object_id(std::string_view word) {
  return (word.size() == 40 || word.size() == 64) &&
         word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

[[noreturn]] void refuse(std::string_view line) {
  throw BadConfig(
      fmt::format("a pre-push hook reads `LOCAL-REF ID REMOTE-REF ID` lines from git, not {}",
                  ticked(elide(sanitize_line(line), 80))));
}

PushedRef read_line(std::string_view line) {
  // A ref's name has no spaces, but what was asked for may be any expression: the three words behind it are sure.
  std::array<std::string, 3> last;
  std::string_view rest = line;
  for (std::size_t i = last.size(); i-- > 0;) {
    const auto space = rest.rfind(' ');
    if (space == std::string_view::npos) refuse(line);
    last.at(i) = rest.substr(space + 1);
    rest = rest.substr(0, space);
  }
  if (rest.empty() || last[1].empty() || !is_object_id(last[0]) || !is_object_id(last[2]))
    refuse(line);
  return {std::string(rest), last[0], last[1], last[2]};
}

}  // namespace

std::vector<PushedRef> read_pushed_refs(std::string_view text) {
  std::vector<PushedRef> refs;
  for (const std::string_view line : lines_of(text)) refs.push_back(read_line(line));
  return refs;
}

PlannedPush read_planned_push(std::string_view output) {
  constexpr std::string_view to = "To ";
  PlannedPush planned;
  for (const std::string_view line : lines_of(output)) {
    if (line.starts_with(to)) planned.url = line.substr(to.size());
    // <flag> TAB <from>:<to> TAB <summary>
    const auto second = line.find('\t', 2);
    if (line.size() < 2 || line[1] != '\t' || second == std::string_view::npos) continue;
    if (constexpr std::string_view sent = " +*"; sent.find(line[0]) == std::string_view::npos)
      continue;
    const auto refs = line.substr(2, second - 2);
    const auto colon = refs.rfind(':');
    const std::string from(refs.substr(0, colon));
    planned.refs.push_back({from, from, std::string(refs.substr(colon + 1)), {}});
  }
  return planned;
}

bool is_deletion(const PushedRef& ref) {
  return std::ranges::all_of(ref.local_id, [](char digit) { return digit == '0'; });
}

std::string branch_of(const PushedRef& ref) {
  constexpr std::string_view branches = "refs/heads/";
  return ref.remote_ref.starts_with(branches) ? ref.remote_ref.substr(branches.size()) : "";
}

}  // namespace jci::push
