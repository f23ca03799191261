// SPDX-License-Identifier: MIT
#include "jci/secrets/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "jci/util/fd.hpp"

namespace jci::secrets {

namespace fs = std::filesystem;

TriggerFailed cannot(std::string_view act, const fs::path& file, int error) {
  return TriggerFailed(
      fmt::format("cannot {} `{}`: {}", act, file.string(), std::system_category().message(error)));
}

Wiped read_whole(int fd, const fs::path& what) {
  std::string text;
  std::array<char, 8192> some;
  for (;;) {
    const auto count = ::read(fd, some.data(), some.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw cannot("read", what, errno);
    if (count == 0) break;
    text.append(some.data(), static_cast<std::size_t>(count));
    if (text.size() > k_largest_file) throw cannot("read", what, EFBIG);
  }
  ::explicit_bzero(some.data(), some.size());
  return Wiped(std::move(text));
}

Wiped read_whole_file(const fs::path& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw cannot("read", file, errno);
  return read_whole(fd.get(), file);
}

}  // namespace jci::secrets
