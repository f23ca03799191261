// SPDX-License-Identifier: MIT
#include "jci/executors/bubblewrap.hpp"

#include <system_error>

namespace jci {
namespace {

constexpr const char* k_mount_point = "/jaypore_ci/run";

}  // namespace

std::vector<std::string> bubblewrap_command(const std::filesystem::path& workspace) {
  std::vector<std::string> command{"bwrap"};
  const auto add = [&command](auto... words) { (command.emplace_back(words), ...); };
  // A mount point cannot be made in the machine's own root without leaving it there, or at all, so the root is a new one, with each
  // entry of the old.
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/", error)) {
    const std::string path = entry.path().native();
    if (path == "/jaypore_ci") continue;
    if (entry.is_symlink(error))
      add("--symlink", std::filesystem::read_symlink(path, error).native(), path);
    else
      add("--dev-bind-try", path, path);
  }
  add("--bind", workspace.native(), k_mount_point, "--");
  return command;
}

}  // namespace jci
