// SPDX-License-Identifier: MIT
#include "jci/util/spellings.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "jci/util/base64.hpp"
#include "jci/util/rest.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

using Texts = std::vector<std::string>;

// A line of a key is known by itself; one that says "{" is not.
constexpr std::size_t k_shortest_line = 8;

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string all;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
    all += text.substr(0, at);
    all += by;
    text.remove_prefix(at + what.size());
  }
  return all += text;
}

void add_lines(Texts& texts, std::string_view secret) {
  if (secret.find('\n') == std::string_view::npos) return;
  while (!secret.empty()) {
    const auto end = std::min(secret.find('\n'), secret.size());
    if (const auto line = trim(secret.substr(0, end)); line.size() >= k_shortest_line)
      texts.emplace_back(line);
    secret.remove_prefix(std::min(end + 1, secret.size()));
  }
}

// What a secret becomes depends on how many bytes are before it, modulo 3; only those signs are its own whose bits all are.
void add_base64(Texts& texts, std::string_view secret, std::string (*encode)(std::string_view)) {
  texts.push_back(encode(secret));
  texts.push_back(encode(std::string(secret) + '\n'));
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string encoded = encode(std::string(before, '\0') + std::string(secret));
    const std::size_t first = (before * 8 + 5) / 6;
    const std::size_t end = (before + secret.size()) * 8 / 6;
    texts.push_back(encoded.substr(first, end - first));
  }
}

void add_hexadecimal(Texts& texts, std::string_view secret) {
  std::string lower, upper;
  for (const char c : secret) {
    lower += fmt::format("{:02x}", static_cast<unsigned char>(c));
    upper += fmt::format("{:02X}", static_cast<unsigned char>(c));
  }
  texts.insert(texts.end(), {lower, upper});
}

/// `%2F` -> `%2f`.
std::string with_small_digits(std::string url) {
  for (std::size_t at = url.find('%'); at != std::string::npos; at = url.find('%', at + 1))
    for (const std::size_t digit : {at + 1, at + 2})
      if (url[digit] >= 'A' && url[digit] <= 'F') url[digit] += 'a' - 'A';
  return url;
}

void add_url(Texts& texts, std::string_view secret) {
  const std::string url = rest::encode(secret);
  const std::string form = replaced(url, "%20", "+");
  texts.insert(texts.end(), {url, form, replaced(url, "%2F", "/"), with_small_digits(url),
                             with_small_digits(form)});
}

/// With everything but ASCII as `\u` and four digits, of which a character beyond U+FFFF has two.
std::string ascii_only(std::string_view json) {
  std::string ascii;
  for (std::size_t at = 0; at < json.size();) {
    const auto lead = static_cast<unsigned char>(json[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 1) {
      ascii += json[at++];
      continue;
    }
    std::uint32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
      code = code << 6 | (static_cast<unsigned char>(json[at + i]) & 0x3F);
    at += length;
    if (code <= 0xFFFF) {
      ascii += fmt::format("\\u{:04x}", code);
    } else {
      ascii += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10),
                           0xDC00 + (code & 0x3FF));
    }
  }
  return ascii;
}

void add_json(Texts& texts, std::string_view secret) {
  const std::string quoted = boost::json::serialize(boost::json::string(to_valid_utf8(secret)));
  const std::string json = quoted.substr(1, quoted.size() - 2);
  texts.insert(texts.end(), {json, replaced(json, "/", "\\/"), ascii_only(json)});
}

void add_html(Texts& texts, std::string_view secret) {
  std::string html = replaced(secret, "&", "&amp;");
  html = replaced(replaced(html, "<", "&lt;"), ">", "&gt;");
  texts.push_back(html);
  html = replaced(html, "\"", "&quot;");
  texts.push_back(html);
  texts.push_back(replaced(html, "'", "&#39;"));
  texts.push_back(replaced(html, "'", "&#x27;"));
}

void add_shell(Texts& texts, std::string_view secret) {
  texts.push_back(replaced(secret, "'", R"('\'')"));
  texts.push_back(replaced(secret, "'", R"('"'"')"));
}

}  // namespace

std::vector<std::string> spellings(std::string_view secret) {
  if (secret.empty()) return {};
  Texts texts{std::string(secret)};
  add_lines(texts, secret);
  add_base64(texts, secret, base64);
  add_base64(texts, secret, base64_url);
  add_hexadecimal(texts, secret);
  add_url(texts, secret);
  add_json(texts, secret);
  add_html(texts, secret);
  add_shell(texts, secret);
  std::ranges::sort(texts);
  texts.erase(std::ranges::unique(texts).begin(), texts.end());
  return texts;
}

}  // namespace jci
