// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <string>

namespace jci::testing {

/// A real terminal of the kernel's, 80 columns by 24 rows at first, whose other end is here.
class Terminal {
 public:
  Terminal() {
    EXPECT_EQ(::openpty(&master_, &slave_, nullptr, nullptr, nullptr), 0);
    resize(24, 80);
  }
  ~Terminal() {
    ::close(master_);
    ::close(slave_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void resize(unsigned short rows, unsigned short columns) {
    const winsize size{rows, columns, 0, 0};
    EXPECT_EQ(::ioctl(slave_, TIOCSWINSZ, &size), 0);
  }

  int fd() const { return slave_; }

  /// What was sent since the last call. The kernel hands it over when it likes, but in order: a mark sent behind it shows that
  /// all has come.
  std::string sent() const {
    constexpr char k_mark = '\x01';
    EXPECT_EQ(::write(slave_, &k_mark, 1), 1);
    std::string all;
    std::array<char, 4096> part;
    while (!all.ends_with(k_mark)) {
      const auto bytes = ::read(master_, part.data(), part.size());
      if (bytes <= 0) return "(unreadable)";
      all.append(part.data(), static_cast<std::size_t>(bytes));
    }
    all.pop_back();
    return all;
  }

 private:
  int master_ = -1;
  int slave_ = -1;
};

}  // namespace jci::testing
