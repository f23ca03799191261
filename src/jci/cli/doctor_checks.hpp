// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace jci::cli {

/// One thing that was looked at.
struct Finding {
  enum class Level { fine, doubtful, wrong };
  Level level = Level::fine;
  std::string about;  ///< "hook"
  std::string says;   ///< what was found
  std::string mend;   ///< what to do; empty where nothing is
};

// What `jci doctor` looks at, of the repository at `root`. None of them changes anything that stays, and none throws for what it finds.

std::vector<Finding> look_at_git(const std::filesystem::path& root);
struct Declared {
  Finding finding;
  std::string executor;  ///< what runs its jobs; empty where that cannot be told
};
/// Has the config declare its pipeline, as `jci plan --dirty` does.
Declared look_at_config(const std::filesystem::path& root);
std::vector<Finding> look_at_hook(const std::filesystem::path& root);
/// Every environment in `secrets/`, and every key.
std::vector<Finding> look_at_secrets(const std::filesystem::path& root);
/// Where reports go, and whether the remote answers.
std::vector<Finding> look_at_remote(const std::filesystem::path& root);
/// Does what every run does with the engine, but no job, if it is Docker that runs them. `executor`: see Declared.
Finding look_at_engine(const std::string& executor);
std::vector<Finding> look_at_disk();

}  // namespace jci::cli
