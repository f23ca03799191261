// SPDX-License-Identifier: MIT
#include "jci/core/names.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace jci {
namespace {

bool is_plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// One form of a UTF-8 sequence: its first byte, its length, and what the second byte may be.
struct Utf8Form {
  unsigned char first_low, first_high;
  std::size_t length;
  unsigned char second_low, second_high;
};

// The second byte is what tells overlong forms, surrogates and numbers above U+10FFFF.
constexpr Utf8Form k_utf8_forms[] = {
    {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF},
    {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

bool has_form(std::string_view text, const Utf8Form& form) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  if (byte(0) < form.first_low || byte(0) > form.first_high || text.size() < form.length)
    return false;
  if (byte(1) < form.second_low || byte(1) > form.second_high) return false;
  for (std::size_t at = 2; at < form.length; ++at)
    if (byte(at) < 0x80 || byte(at) > 0xBF) return false;
  return true;
}

/// Bytes of the character that `text` begins with; 1 for a byte that begins none.
std::size_t character_length(std::string_view text) {
  const auto* form =
      std::ranges::find_if(k_utf8_forms, [&](const Utf8Form& f) { return has_form(text, f); });
  return form == std::end(k_utf8_forms) ? 1 : form->length;
}

std::size_t size_difference(std::string_view a, std::string_view b) {
  return std::max(a.size(), b.size()) - std::min(a.size(), b.size());
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, ignoring case.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = lower(a[i - 1]), y = lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (x == y ? 0 : 1)});
      if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string clean_name(std::string_view name) {
  std::string cleaned;
  cleaned.reserve(name.size());
  while (!name.empty()) {
    const bool plain = is_plain(name.front());
    cleaned += plain ? name.front() : '-';
    name.remove_prefix(plain ? 1 : character_length(name));
  }
  return cleaned;
}

std::optional<std::string_view> nearest(std::string_view name,
                                        std::span<const std::string_view> candidates) {
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  for (const auto candidate : candidates) {
    const std::size_t longer = std::max(name.size(), candidate.size());
    const std::size_t allowed = std::max<std::size_t>(1, longer / 3);
    if (size_difference(name, candidate) > allowed) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance > allowed || distance >= longer || (best && distance >= best_distance)) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  const auto meant = nearest(name, candidates);
  return meant ? "; did you mean " + ticked(*meant) + "?" : "";
}

std::string ticked(std::string_view name) { return "`" + std::string(name) + "`"; }

}  // namespace jci
