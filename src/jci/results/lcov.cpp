// SPDX-License-Identifier: MIT
#include "jci/results/lcov.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace jci::results {
namespace {

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() ? std::optional(value) : std::nullopt;
}

/// One source file's.
struct Record {
  std::optional<std::size_t> found, hit;  // as the summary says
  Lines counted;                          // as the lines say

  void take(std::string_view line) {
    if (line.starts_with("LF:")) found = number(line.substr(3));
    if (line.starts_with("LH:")) hit = number(line.substr(3));
    const std::size_t comma = line.find(',');
    if (!line.starts_with("DA:") || comma == line.npos) return;
    ++counted.all;
    if (number(line.substr(comma + 1)).value_or(0) > 0) ++counted.executed;
  }

  Lines lines() const { return found && hit ? Lines{*hit, *found} : counted; }
};

}  // namespace

Lines parse_lcov(std::string_view text) {
  Lines all;
  Record record;
  bool any = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line != "end_of_record") {
      record.take(line);
      continue;
    }
    const Lines lines = record.lines();
    all.executed += lines.executed;
    all.all += lines.all;
    record = {};
    any = true;
  }
  if (!any)
    throw std::runtime_error(
        "it is neither Cobertura's XML nor a tracefile of lcov's: no `end_of_record`");
  return all;
}

}  // namespace jci::results
