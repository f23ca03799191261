// SPDX-License-Identifier: MIT
#include "jci/history/run_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <system_error>

namespace jci::history {
namespace {

std::filesystem::path file_of(const std::filesystem::path& run_directory) {
  return run_directory / "lock";
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& run_directory) {
  const auto file = file_of(run_directory);
  fd_.reset(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd_ || ::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot lock `" + file.string() + "`");
  }
}

bool RunLock::is_held(const std::filesystem::path& run_directory) {
  const Fd fd(::open(file_of(run_directory).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  // A shared try does not get in the way of others who look at the same moment.
  return fd && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace jci::history
