// SPDX-License-Identifier: MIT
#include "jci/secrets/age_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "jci/secrets/error.hpp"
#include "jci/util/base64.hpp"

namespace jci::secrets {
namespace {

constexpr std::string_view k_format = "age-encryption.org/";
constexpr std::string_view k_version = "age-encryption.org/v1";
constexpr std::string_view k_stanza_start = "->";
constexpr std::string_view k_end = "---";
constexpr std::size_t k_columns = 64;
constexpr std::size_t k_code_size = 32;

[[noreturn]] void refuse(std::string_view what) {
  throw Error(Problem::malformed, fmt::format("the header of an age file is damaged: {}", what));
}

/// The one spelling that the bytes have.
std::optional<std::string> from_unpadded_base64(std::string_view text) {
  auto bytes = from_base64(text);
  if (!bytes || unpadded_base64(*bytes) != text) return std::nullopt;
  return bytes;
}

class HeaderParser {
 public:
  explicit HeaderParser(std::string_view file) : file_(file), rest_(file) {}

  Header parse() {
    check_version();
    Header header;
    while (!rest_.starts_with(k_end)) header.stanzas.push_back(stanza());
    if (header.stanzas.empty()) refuse("it is for nobody");
    header.under_code =
        file_.substr(0, static_cast<std::size_t>(rest_.data() - file_.data()) + k_end.size());
    header.code = code();
    if (header.code.size() != k_code_size) refuse("its code is none");
    header.payload = rest_;
    return header;
  }

 private:
  void check_version() {
    if (!rest_.starts_with(k_format)) throw Error(Problem::malformed, "it is no age file");
    const std::string_view version = line();
    if (version == k_version) return;
    throw Error(Problem::unsupported, "it is an age file of another version than v1");
  }

  std::string_view line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) refuse("it is cut off");
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }

  Stanza stanza() {
    std::string_view words = line();
    if (!words.starts_with(k_stanza_start)) refuse("a recipient's part does not begin with `->`");
    words.remove_prefix(k_stanza_start.size());
    Stanza stanza;
    while (!words.empty()) stanza.arguments.push_back(argument(words));
    if (stanza.arguments.empty()) refuse("a recipient's part has no type");
    stanza.body = body();
    return stanza;
  }

  static std::string argument(std::string_view& words) {
    if (words.front() != ' ') refuse("a recipient's part is not made of words");
    words.remove_prefix(1);
    const std::string_view word = words.substr(0, words.find(' '));
    const auto visible = [](char c) { return c >= 33 && c <= 126; };
    if (word.empty() || !std::ranges::all_of(word, visible))
      refuse("a recipient's part is not made of words");
    words.remove_prefix(word.size());
    return std::string(word);
  }

  /// Full lines, and one that is shorter, which may be empty.
  std::string body() {
    std::string text;
    for (std::size_t size = k_columns; size == k_columns;) {
      const std::string_view part = line();
      size = part.size();
      if (size > k_columns) refuse("a line is too long");
      text += part;
    }
    auto bytes = from_unpadded_base64(text);
    if (!bytes) refuse("a wrapped key is no base64");
    return *std::move(bytes);
  }

  std::string code() {
    std::string_view text = line();
    text.remove_prefix(k_end.size());
    if (!text.starts_with(' ')) refuse("its last line has no code");
    auto bytes = from_unpadded_base64(text.substr(1));
    if (!bytes) refuse("its code is none");
    return *std::move(bytes);
  }

  std::string_view file_;
  std::string_view rest_;
};

}  // namespace

Header parse_header(std::string_view file) { return HeaderParser(file).parse(); }

std::string header_text(const std::vector<Stanza>& stanzas) {
  std::string text = std::string(k_version) + '\n';
  for (const Stanza& stanza : stanzas) {
    text += k_stanza_start;
    for (const std::string& argument : stanza.arguments) text.append(" ").append(argument);
    text += '\n';
    const std::string body = unpadded_base64(stanza.body);
    std::size_t at = 0;
    for (; at + k_columns <= body.size(); at += k_columns)
      text.append(body, at, k_columns).append("\n");
    text.append(body, at).append("\n");
  }
  return text.append(k_end);
}

std::string unpadded_base64(std::string_view bytes) {
  std::string text = base64(bytes);
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

}  // namespace jci::secrets
