// SPDX-License-Identifier: MIT
#include "jci/secrets/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "jci/secrets/dotenv.hpp"
#include "jci/util/text.hpp"

namespace jci::secrets {
namespace {

constexpr std::string_view k_spaces = " \t";

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
  }

  std::vector<Variable> read() {
    std::vector<Variable> all;
    while (!rest_.empty()) {
      skip_spaces();
      if (at_line_end() || rest_.front() == '#') {
        skip_line();
      } else {
        all.push_back(variable());
      }
    }
    return all;
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    throw Error(Problem::malformed, fmt::format("line {}: {}", line_, what));
  }

  Variable variable() {
    std::string name = take_name();
    skip_spaces();
    const bool is_quoted = !rest_.empty() && (rest_.front() == '\'' || rest_.front() == '"');
    Wiped value(is_quoted ? quoted() : bare());
    return {std::move(name), std::move(value)};
  }

  std::string take_name() {
    const std::size_t sign = rest_.find_first_of("=\n");
    if (sign == std::string_view::npos || rest_[sign] != '=')
      refuse("there is no `=` in it");  // not repeated: it may be half a secret
    std::string_view name = trim(rest_.substr(0, sign));
    if (name.starts_with("export ") || name.starts_with("export\t")) name = trim(name.substr(6));
    if (!is_variable_name(name))
      refuse(fmt::format("`{}` is no name for a variable", sanitize_line(name)));
    rest_.remove_prefix(sign + 1);
    return std::string(name);
  }

  std::string bare() {
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    std::size_t end = line.size();
    for (std::size_t i = 0; i < line.size() && end == line.size(); ++i) {
      const bool is_word_start = i == 0 || k_spaces.contains(line[i - 1]);
      if (line[i] == '#' && is_word_start) end = i;
    }
    std::string value(trim(line.substr(0, end)));
    skip_line();
    return value;
  }

  std::string quoted() {
    const char quote = take();
    std::string value;
    for (;;) {
      if (rest_.empty()) refuse("a quote is not closed");
      const char c = take();
      if (c == quote) break;
      value += c == '\\' && quote == '"' && !rest_.empty() ? escaped(value) : c;
    }
    skip_spaces();
    if (!at_line_end() && rest_.front() != '#') refuse("something follows the closing quote");
    skip_line();
    return value;
  }

  /// What a backslash and the next character mean; what means nothing keeps its backslash.
  char escaped(std::string& value) {
    const char c = take();
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case '"':
      case '\\':
      case '$':
        return c;
      default:
        value += '\\';
        return c;
    }
  }

  char take() {
    const char c = rest_.front();
    if (c == '\n') ++line_;
    rest_.remove_prefix(1);
    return c;
  }

  bool at_line_end() const {
    return rest_.empty() || rest_.front() == '\n' || rest_ == "\r" || rest_.starts_with("\r\n");
  }

  void skip_spaces() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(k_spaces), rest_.size()));
  }

  void skip_line() {
    rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    if (!rest_.empty()) take();
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

}  // namespace

std::vector<Variable> parse_plain_dotenv(std::string_view text) { return Reader(text).read(); }

}  // namespace jci::secrets
