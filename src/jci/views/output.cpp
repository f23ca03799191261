// SPDX-License-Identifier: MIT
#include "jci/views/output.hpp"

#include <boost/asio/post.hpp>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace jci {
namespace {

constexpr std::size_t k_most_kept = 64 * 1024;

/// Another program may have made a shared terminal non-blocking.
void wait_until_writable(int fd) {
  pollfd asked{.fd = fd, .events = POLLOUT, .revents = 0};
  ::poll(&asked, 1, -1);
}

}  // namespace

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_until_writable(fd);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

struct Output::Buffer {
  int fd;
  std::string text = {};
  bool flush_waits = false;
  bool broken = false;

  void flush() {
    if (!broken) broken = !write_all(fd, text);
    text.clear();
  }
};

Output::Output(boost::asio::any_io_executor loop, int fd)
    : loop_(std::move(loop)), buffer_(std::make_shared<Buffer>(Buffer{.fd = fd})) {}

Output::~Output() { buffer_->flush(); }

void Output::append(std::string_view text) {
  buffer_->text += text;
  if (!has_loop_ || buffer_->text.size() >= k_most_kept) return buffer_->flush();
  if (std::exchange(buffer_->flush_waits, true)) return;
  boost::asio::post(loop_, [weak = std::weak_ptr(buffer_)] {
    const auto buffer = weak.lock();
    if (!buffer) return;
    buffer->flush_waits = false;
    buffer->flush();
  });
}

void Output::leave_loop() {
  buffer_->flush();
  has_loop_ = false;
  // The flush that may still wait in there finds nothing.
  buffer_ = std::make_shared<Buffer>(Buffer{.fd = buffer_->fd, .broken = buffer_->broken});
}

}  // namespace jci
