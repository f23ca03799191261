// SPDX-License-Identifier: MIT
#include "jci/cli/directory_watch.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace jci::cli {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

DirectoryWatch::DirectoryWatch(const std::vector<std::filesystem::path>& directories)
    : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!inotify_) fail("cannot watch files");
  for (const auto& directory : directories) {
    if (::inotify_add_watch(inotify_.get(), directory.c_str(), IN_CREATE | IN_MODIFY) < 0) {
      fail("cannot watch `" + directory.string() + "`");
    }
  }
}

void DirectoryWatch::wait(std::chrono::milliseconds timeout) {
  pollfd poll{.fd = inotify_.get(), .events = POLLIN, .revents = 0};
  ::poll(&poll, 1, static_cast<int>(timeout.count()));
  // That something has changed says enough.
  std::array<char, 4096> events;
  while (::read(inotify_.get(), events.data(), events.size()) > 0) {
  }
}

}  // namespace jci::cli
