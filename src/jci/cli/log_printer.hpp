// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "jci/util/text.hpp"

namespace jci::cli {

/// Writes a job's output to stdout: raw, or made harmless for a terminal (see `sanitize`). Throws std::system_error.
class LogPrinter {
 public:
  explicit LogPrinter(bool raw) : raw_(raw) {}

  void print(std::string_view bytes);
  /// Shows the beginning of a line whose end has not come, where that end cannot change it.
  void flush();
  /// Shows all that is left.
  void finish();

 private:
  void show_up_to(std::size_t end);

  bool raw_;
  Utf8Stream characters_;
  std::string held_;  // the beginning of a line
};

}  // namespace jci::cli
