// SPDX-License-Identifier: MIT
#include "jci/cli/typed_secret.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>

#include "jci/secrets/whole_file.hpp"

namespace jci::cli {
namespace {

constexpr std::array k_ends = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

termios g_before;  // for the handler

/// The signal then does what it would have done.
void show_again_and_end(int signal) {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &g_before);
  ::raise(signal);
}

class Hidden {
 public:
  Hidden() {
    if (::tcgetattr(STDIN_FILENO, &g_before) != 0)
      throw secrets::cannot("read", "the terminal", errno);
    struct sigaction action{};
    action.sa_handler = show_again_and_end;
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_NODEFER;
    for (std::size_t i = 0; i < k_ends.size(); ++i) ::sigaction(k_ends[i], &action, &actions_[i]);
    termios hidden = g_before;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;
  ~Hidden() {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &g_before);
    for (std::size_t i = 0; i < k_ends.size(); ++i) ::sigaction(k_ends[i], &actions_[i], nullptr);
    fmt::print(stderr, "\n");
  }

 private:
  std::array<struct sigaction, k_ends.size()> actions_{};
};

}  // namespace

secrets::Wiped typed_secret(std::string_view question) {
  const Hidden hidden;
  fmt::print(stderr, "{}", question);
  std::string line(4096, '\0');  // as long as a terminal's lines can be: one read gives one
  const auto size = ::read(STDIN_FILENO, line.data(), line.size());
  if (size < 0) throw secrets::cannot("read", "the terminal", errno);
  line.resize(static_cast<std::size_t>(size));
  return secrets::Wiped(std::move(line));
}

}  // namespace jci::cli
