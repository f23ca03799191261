// SPDX-License-Identifier: MIT
#include "jci/util/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "jci/core/errors.hpp"
#include "jci/util/atomic_file.hpp"
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

int write_into(const fs::path& file, std::string_view text) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  return fd ? write_all(fd, text) : errno;
}

/// Where a link leads, so that the link stays one.
fs::path behind_links(const fs::path& file) {
  std::error_code error;
  const auto target = fs::canonical(file, error);
  return error ? file : target;
}

void replace(const fs::path& file, std::string_view text) {
  try {
    write_atomically(file, text);
  } catch (const std::system_error& error) {
    fail(file, error.code().value());
  }
}

}  // namespace

void write_new_file(const fs::path& file, std::string_view text) {
  std::error_code none;
  const auto status = fs::status(file, none);
  if (fs::is_directory(status)) fail(file, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    if (const int error = write_into(file, text); error != 0) fail(file, error);
    return;
  }
  replace(behind_links(file), text);
}

}  // namespace jci
