// SPDX-License-Identifier: MIT
#include "jci/util/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "jci/core/errors.hpp"
#include "jci/util/fd.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, int error) {
  throw TriggerFailed(
      fmt::format("cannot write `{}`: {}", file.string(), std::system_category().message(error)));
}

/// 0, or the error.
int write_all(const Fd& fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int write_into(const fs::path& file, int flags, std::string_view text) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666));
  return fd ? write_all(fd, text) : errno;
}

/// Where a link leads, so that the link stays one.
fs::path behind_links(const fs::path& file) {
  std::error_code error;
  const auto target = fs::canonical(file, error);
  return error ? file : target;
}

void replace(const fs::path& file, std::string_view text) {
  fs::path aside = file;
  aside += fmt::format(".{}.new", ::getpid());
  int error = write_into(aside, O_CREAT | O_TRUNC | O_NOFOLLOW, text);
  if (error == 0 && ::rename(aside.c_str(), file.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(aside.c_str());
  fail(file, error);
}

}  // namespace

void write_new_file(const fs::path& file, std::string_view text) {
  std::error_code none;
  const auto status = fs::status(file, none);
  if (fs::is_directory(status)) fail(file, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    if (const int error = write_into(file, 0, text); error != 0) fail(file, error);
    return;
  }
  replace(behind_links(file), text);
}

}  // namespace jci
