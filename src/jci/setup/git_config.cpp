// SPDX-License-Identifier: MIT
#include "jci/setup/git_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <system_error>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/util/subprocess.hpp"
#include "jci/util/text.hpp"

namespace jci::setup {
namespace {

namespace fs = std::filesystem;

std::string git(const fs::path& root, std::vector<std::string> arguments) {
  std::vector<std::string> command{"git", "-C", root.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Finished finished = [&] {
    try {
      return run_subprocess(command, std::chrono::seconds(20));
    } catch (const std::system_error& error) {
      throw TriggerFailed(fmt::format("cannot run {}", error.what()));
    }
  }();
  if (finished.exit_code != 0)
    throw TriggerFailed(
        fmt::format("`{}` ended with exit code {}", fmt::join(command, " "), finished.exit_code));
  return std::string(trim(finished.output));
}

}  // namespace

void set_git_config(const fs::path& root, const std::string& name, const std::string& value) {
  git(root, {"config", "--local", name, value});
}

void unset_git_config(const fs::path& root, const std::string& name) {
  git(root, {"config", "--local", "--unset", name});
}

fs::path git_path(const fs::path& root, const std::string& path) {
  return (root / git(root, {"rev-parse", "--git-path", path})).lexically_normal();
}

fs::path git_common_directory(const fs::path& root) {
  return (root / git(root, {"rev-parse", "--git-common-dir"})).lexically_normal();
}

}  // namespace jci::setup
