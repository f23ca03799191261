// SPDX-License-Identifier: MIT
#include "jci/secrets/age_armor.hpp"

#include <algorithm>

#include "jci/secrets/error.hpp"
#include "jci/util/base64.hpp"
#include "jci/util/text.hpp"

namespace jci::secrets {
namespace {

constexpr std::string_view k_begin = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr std::string_view k_end = "-----END AGE ENCRYPTED FILE-----";
constexpr std::size_t k_columns = 64;

[[noreturn]] void refuse() {
  throw Error(Problem::malformed, "the text around an age file is damaged");
}

/// The next line of `text`, whose end is "\n" or "\r\n".
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string armor(std::string_view file) {
  const std::string body = base64(file);
  std::string text = std::string(k_begin) + '\n';
  for (std::size_t at = 0; at < body.size(); at += k_columns)
    text.append(body, at, k_columns).append("\n");
  return text.append(k_end).append("\n");
}

std::string dearmor(std::string_view text) {
  text = trim(text);
  if (take_line(text) != k_begin) refuse();
  std::string body;
  bool was_last = false;
  std::string_view line = take_line(text);
  for (; line != k_end; line = take_line(text)) {
    if (was_last || line.empty() || line.size() > k_columns) refuse();
    was_last = line.size() < k_columns;
    body += line;
  }
  const auto file = from_base64(body);
  if (!text.empty() || !file || base64(*file) != body) refuse();
  return *file;
}

}  // namespace jci::secrets
