// SPDX-License-Identifier: MIT
#include "jci/cli/log_printer.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace jci::cli {
namespace {

// A line longer than this is shown in pieces.
constexpr std::size_t k_longest_held = 65536;

void write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      throw std::system_error(errno, std::generic_category(), "cannot write to stdout");
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void LogPrinter::print(std::string_view bytes) {
  if (raw_) return write_out(bytes);
  held_ += characters_.take(bytes);
  if (const auto newline = held_.rfind('\n'); newline != held_.npos) show_up_to(newline + 1);
  if (held_.size() > k_longest_held) show_up_to(held_.size());
}

void LogPrinter::flush() {
  if (held_.find_first_of("\x1b\r") == held_.npos) show_up_to(held_.size());
}

void LogPrinter::finish() {
  held_ += characters_.finish();
  show_up_to(held_.size());
}

void LogPrinter::show_up_to(std::size_t end) {
  write_out(sanitize(std::string_view(held_).substr(0, end)));
  held_.erase(0, end);
}

}  // namespace jci::cli
