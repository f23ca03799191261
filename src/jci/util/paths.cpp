// SPDX-License-Identifier: MIT
#include "jci/util/paths.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "jci/core/errors.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> absolute_from(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || value[0] != '/') return std::nullopt;
  return fs::path(value);
}

fs::path home_of_user() {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr && found->pw_dir[0] == '/' ? fs::path(found->pw_dir) : fs::path("/");
}

fs::path ours_below(const char* variable, const char* below_home) {
  if (const auto base = absolute_from(variable)) return *base / "jaypore";
  return absolute_from("HOME").value_or(home_of_user()) / below_home / "jaypore";
}

/// 0, or the errno of what failed. Like `mkdir -p`, but private.
int make_private(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0 || errno == EEXIST) return 0;
  if (errno != ENOENT || directory == directory.root_path()) return errno;
  if (const int error = make_private(directory.parent_path()); error != 0) return error;
  return ::mkdir(directory.c_str(), 0700) == 0 || errno == EEXIST ? 0 : errno;
}

int error_of_writing(const fs::path& directory) {
  if (const int error = make_private(directory); error != 0) return error;
  // With the slash a file in the directory's place is ENOTDIR.
  return ::access((directory.string() + '/').c_str(), W_OK | X_OK) == 0 ? 0 : errno;
}

fs::path ready(const fs::path& directory, const char* variable) {
  const int error = error_of_writing(directory);
  if (error == 0) return directory;
  throw TriggerFailed(
      fmt::format("cannot write to `{}`: {}. Make it writable, or set {} to a directory that is",
                  directory.string(), std::generic_category().message(error), variable));
}

}  // namespace

fs::path state_path() { return ours_below("XDG_STATE_HOME", ".local/state"); }
fs::path cache_path() { return ours_below("XDG_CACHE_HOME", ".cache"); }

fs::path state_directory() { return ready(state_path(), "XDG_STATE_HOME"); }
fs::path cache_directory() { return ready(cache_path(), "XDG_CACHE_HOME"); }

}  // namespace jci
