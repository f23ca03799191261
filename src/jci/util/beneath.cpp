// SPDX-License-Identifier: MIT
#include "jci/util/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "jci/util/fd.hpp"

namespace jci {
namespace {

std::unexpected<std::error_code> failure(int error) {
  return std::unexpected(std::error_code(error, std::system_category()));
}

// glibc has no wrapper for openat2(2).
Fd open_beneath(const Fd& directory, const std::filesystem::path& relative) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return Fd(static_cast<int>(
      ::syscall(SYS_openat2, directory.get(), relative.c_str(), &how, sizeof how)));
}

}  // namespace

std::expected<std::string, std::error_code> read_beneath(const std::filesystem::path& directory,
                                                         const std::filesystem::path& relative,
                                                         std::size_t max_bytes) {
  const Fd top(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!top) return failure(errno);
  const Fd file = open_beneath(top, relative);
  if (!file) return failure(errno);
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) return failure(errno);
  if (!S_ISREG(facts.st_mode)) return failure(EINVAL);

  std::string text(max_bytes, '\0');
  std::size_t filled = 0;
  while (filled < max_bytes) {
    const ssize_t n = ::read(file.get(), text.data() + filled, max_bytes - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure(errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  text.resize(filled);
  return text;
}

}  // namespace jci
