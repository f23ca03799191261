// SPDX-License-Identifier: MIT
#include "jci/util/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "jci/util/unicode_widths.hpp"

namespace jci {
namespace {

constexpr char32_t k_replacement = 0xFFFD;
constexpr std::string_view k_replacement_utf8 = "\xEF\xBF\xBD";
constexpr char k_escape = '\x1B';

enum class Form { valid, malformed, unfinished };

struct Decoded {
  char32_t code;  // U+FFFD unless valid
  std::size_t bytes;
  Form form;
};

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

/// How a sequence goes on after its first byte (Unicode, table 3-7 "Well-Formed UTF-8 Byte Sequences").
struct Lead {
  std::size_t length;
  std::uint8_t second_from = 0x80;
  std::uint8_t second_to = 0xBF;
};

Lead lead_of(std::uint8_t first) {
  if (first < 0x80) return {.length = 1};
  if (first < 0xC2 || first > 0xF4) return {.length = 0};
  if (first < 0xE0) return {.length = 2};
  if (first == 0xE0) return {.length = 3, .second_from = 0xA0};
  if (first == 0xED) return {.length = 3, .second_to = 0x9F};
  if (first < 0xF0) return {.length = 3};
  if (first == 0xF0) return {.length = 4, .second_from = 0x90};
  if (first == 0xF4) return {.length = 4, .second_to = 0x8F};
  return {.length = 4};
}

/// The first character of `text`, which is not empty. A malformed one is as long as its longest well-formed beginning.
Decoded decode(std::string_view text) {
  const auto first = byte_at(text, 0);
  const auto lead = lead_of(first);
  if (lead.length == 1) return {first, 1, Form::valid};
  if (lead.length == 0) return {k_replacement, 1, Form::malformed};
  char32_t code = first & (0x7FU >> lead.length);
  for (std::size_t at = 1; at < lead.length; ++at) {
    if (at == text.size()) return {k_replacement, at, Form::unfinished};
    const auto from = at == 1 ? lead.second_from : std::uint8_t{0x80};
    const auto to = at == 1 ? lead.second_to : std::uint8_t{0xBF};
    const auto next = byte_at(text, at);
    if (next < from || next > to) return {k_replacement, at, Form::malformed};
    code = (code << 6U) | (next & 0x3FU);
  }
  return {code, lead.length, Form::valid};
}

bool is_between(char32_t code, char32_t first, char32_t last) {
  return first <= code && code <= last;
}
bool is_control(char32_t code) { return code < 0x20 || is_between(code, 0x7F, 0x9F); }
bool is_regional_indicator(char32_t code) { return is_between(code, 0x1F1E6, 0x1F1FF); }
bool is_skin_tone(char32_t code) { return is_between(code, 0x1F3FB, 0x1F3FF); }
bool may_be_emoji(char32_t code) { return code >= 0x2190; }

std::size_t columns_of(char32_t code) {
  if (is_control(code) || is_zero_width(code)) return 0;
  return is_wide(code) ? 2 : 1;
}

constexpr char32_t k_joiner = 0x200D;
constexpr char32_t k_emoji_style = 0xFE0F;

/// What a terminal draws as one sign.
struct Sign {
  std::size_t bytes;
  std::size_t columns;
};

/// `sign` grown by the character at its end, or false if that one begins a new sign. `before` is the character before it.
bool grow(Sign& sign, char32_t base, char32_t before, const Decoded& next) {
  const bool joined = before == k_joiner && may_be_emoji(base) && may_be_emoji(next.code);
  const bool flag = is_regional_indicator(base) && before == base && sign.columns == 1 &&
                    is_regional_indicator(next.code);
  const bool toned = is_skin_tone(next.code) && may_be_emoji(base) && before == base;
  const bool attached = !is_control(next.code) && columns_of(next.code) == 0;
  if (!joined && !flag && !toned && !attached) return false;
  const bool emoji_style = next.code == k_emoji_style && sign.columns == 1;
  if (joined || flag || toned || emoji_style) sign.columns = 2;
  sign.bytes += next.bytes;
  return true;
}

/// The first sign of `text`, which is not empty.
Sign first_sign(std::string_view text) {
  if (byte_at(text, 0) < 0x80 && (text.size() == 1 || byte_at(text, 1) < 0x80)) {
    return {1, columns_of(byte_at(text, 0))};
  }
  const auto base = decode(text);
  Sign sign{base.bytes, columns_of(base.code)};
  if (is_control(base.code)) return sign;
  for (auto before = base.code; sign.bytes < text.size();) {
    const auto next = decode(text.substr(sign.bytes));
    if (!grow(sign, base.code, before, next)) break;
    before = next.code;
  }
  return sign;
}

/// The bytes of a control sequence's parameters and end, `text` beginning behind its introducer (ECMA-48, 5.4).
std::size_t control_sequence_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is_between(byte_at(text, at), 0x30, 0x3F)) ++at;
  while (at < text.size() && is_between(byte_at(text, at), 0x20, 0x2F)) ++at;
  const bool ended = at < text.size() && is_between(byte_at(text, at), 0x40, 0x7E);
  return ended ? at + 1 : at;
}

/// The bytes of a control string (title, hyperlink, image ...), its terminator included (ECMA-48, 5.6; xterm also ends it at BEL).
std::size_t control_string_length(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\a') return at + 1;
    if (text.substr(at).starts_with("\x1B\\") || text.substr(at).starts_with("\xC2\x9C")) {
      return at + 2;
    }
  }
  return text.size();
}

/// The bytes that belong to the control function `introducer`, given as its 7-bit form behind ESC.
std::size_t control_function_length(char introducer, std::string_view rest) {
  if (introducer == '[') return control_sequence_length(rest);
  if (std::string_view("]PX^_").contains(introducer)) return control_string_length(rest);
  return 0;
}

/// The bytes of an escape sequence; `text` begins with ESC.
std::size_t escape_length(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && is_between(byte_at(text, at), 0x20, 0x2F)) ++at;
  if (at == text.size() || !is_between(byte_at(text, at), 0x30, 0x7E)) return at;
  if (at > 1) return at + 1;
  return 2 + control_function_length(text[1], text.substr(2));
}

/// Marks, embeddings, overrides and isolates of text direction, and the separators of lines and paragraphs.
bool is_layout(char32_t code) {
  return code == 0x061C || is_between(code, 0x200E, 0x200F) || is_between(code, 0x2028, 0x202E) ||
         is_between(code, 0x2066, 0x2069);
}

/// Appends `line` (without newline) to `out`, made harmless.
class LineCleaner {
 public:
  explicit LineCleaner(std::string& out) : out_(out), tab_from_(out.size()) {}

  void add(std::string_view line) {
    while (!line.empty()) line.remove_prefix(add_first(line));
  }

 private:
  std::size_t add_first(std::string_view line) {
    if (line.front() == k_escape) return escape_length(line);
    if (line.front() == '\t') return expand_tab();
    const auto next = decode(line);
    if (is_between(next.code, 0x80, 0x9F)) {
      const auto seven_bit = static_cast<char>(next.code - 0x40);
      return next.bytes + control_function_length(seven_bit, line.substr(next.bytes));
    }
    if (is_control(next.code) || is_layout(next.code)) return next.bytes;
    out_ += next.form == Form::valid ? line.substr(0, next.bytes) : k_replacement_utf8;
    return next.bytes;
  }

  std::size_t expand_tab() {
    constexpr std::size_t k_stop = 8;
    const auto column = display_width(std::string_view(out_).substr(tab_from_));
    out_.append(k_stop - column % k_stop, ' ');
    tab_from_ = out_.size();
    return 1;
  }

  std::string& out_;
  std::size_t tab_from_;  // where the last tab ended: a column that is a multiple of 8
};

bool is_plain_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7F'; });
}

void append_clean_line(std::string& out, std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  line.remove_prefix(line.rfind('\r') + 1);  // npos + 1 is 0
  if (is_plain_ascii(line)) {
    out += line;
  } else {
    LineCleaner(out).add(line);
  }
}

/// Appends `bytes`, malformed sequences replaced. A character that their end cuts off is replaced too, or else left out. Returns
/// the number of bytes that were used.
std::size_t append_valid(std::string& out, std::string_view bytes, bool replace_unfinished) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto next = decode(bytes.substr(at));
    if (next.form == Form::unfinished && !replace_unfinished) break;
    out += next.form == Form::valid ? bytes.substr(at, next.bytes) : k_replacement_utf8;
    at += next.bytes;
  }
  return at;
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::string two_units(std::int64_t large, std::string_view large_unit, std::int64_t small,
                      std::string_view small_unit) {
  if (small == 0) return fmt::format("{} {}", large, large_unit);
  return fmt::format("{} {} {} {}", large, large_unit, small, small_unit);
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto sign = first_sign(text);
    columns += sign.columns;
    text.remove_prefix(sign.bytes);
  }
  return columns;
}

std::string_view cut(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const auto sign = first_sign(text.substr(bytes));
    if (sign.columns > columns) break;
    columns -= sign.columns;
    bytes += sign.bytes;
  }
  return text.substr(0, bytes);
}

std::string pad(std::string_view text, std::size_t columns) {
  const auto width = display_width(text);
  std::string padded(text);
  if (width < columns) padded.append(columns - width, ' ');
  return padded;
}

std::string elide(std::string_view text, std::size_t columns) {
  const auto fitting = cut(text, columns);
  if (fitting.size() == text.size()) return std::string(text);
  if (columns == 0) return {};
  return std::string(cut(text, columns - 1)) + "…";
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return begins_character(c); }));
}

std::string shorten(std::string_view text, std::size_t characters) {
  std::size_t seen = 0;
  std::size_t last = 0;  // where the last character that may stay begins
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!begins_character(text[at])) continue;
    if (++seen > characters)
      return std::string(text.substr(0, last)) + (characters == 0 ? "" : "…");
    last = at;
  }
  return std::string(text);
}

std::string to_valid_utf8(std::string_view bytes) {
  std::string valid;
  valid.reserve(bytes.size());
  append_valid(valid, bytes, true);
  return valid;
}

std::string Utf8Stream::take(std::string_view bytes) {
  std::string all;
  if (!held_.empty()) {
    all = std::move(held_);
    all += bytes;
    bytes = all;
  }
  std::string valid;
  valid.reserve(bytes.size());
  const auto done = append_valid(valid, bytes, false);
  held_ = bytes.substr(done);
  return valid;
}

std::string Utf8Stream::finish() {
  auto rest = to_valid_utf8(held_);
  held_.clear();
  return rest;
}

std::string sanitize(std::string_view bytes) {
  std::string clean;
  clean.reserve(bytes.size());
  for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
    append_clean_line(clean, bytes.substr(0, end));
    clean += '\n';
    bytes.remove_prefix(end + 1);
  }
  append_clean_line(clean, bytes);
  return clean;
}

std::string sanitize_line(std::string_view bytes) {
  std::string joined;
  for (const char c : sanitize(bytes)) {
    if (c != '\n') {
      joined += c;
    } else if (!joined.empty() && joined.back() != ' ') {
      joined += ' ';
    }
  }
  if (joined.ends_with(' ')) joined.erase(joined.find_last_not_of(' ') + 1);
  return joined;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::string counted(std::size_t number, std::string_view one, std::string_view many) {
  if (number == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", number, one) : fmt::format("{} {}", number, many);
}

std::string minutes_seconds(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration).count();
  return fmt::format("{}:{:>2}", seconds / 60, seconds % 60);
}

std::string human_duration(std::chrono::nanoseconds duration) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(duration).count();
  const auto seconds = ms / 1000;
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (seconds < 60) return fmt::format("{}.{} s", seconds, ms % 1000 / 100);
  if (seconds < 3600) return two_units(seconds / 60, "min", seconds % 60, "s");
  return two_units(seconds / 3600, "h", seconds % 3600 / 60, "min");
}

}  // namespace jci
