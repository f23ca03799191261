// SPDX-License-Identifier: MIT
#include "jci/views/progress.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "jci/views/lines.hpp"
#include "jci/views/live.hpp"

namespace jci {
namespace {

bool can_move_its_cursor(int fd) {
  const char* const term = std::getenv("TERM");
  const std::string_view kind = term == nullptr ? "" : term;
  return ::isatty(fd) == 1 && !kind.empty() && kind != "dumb";
}

}  // namespace

std::unique_ptr<Observer> make_progress_view(boost::asio::any_io_executor loop, int fd) {
  if (can_move_its_cursor(fd)) return make_live_view(std::move(loop), fd);
  return make_lines_view(std::move(loop), fd);
}

}  // namespace jci
