// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

namespace CLI {
class App;
}

namespace jci::cli {

/// What `jci run` and `jci plan` take.
struct ConfigFlags {
  bool plan_only = false;
  bool json = false;
  bool dirty = false;
  std::string commit = "HEAD";
  std::string branch;  ///< instead of the one whose tip the commit is
  std::string remote;  ///< url, instead of origin's
  std::string config;  ///< empty: cicd/cicd.py, else cicd/cicd.cpp
  std::string executor;
  std::size_t jobs = 0;
};

/// Adds the flags that say what is built: --commit, --dirty, --config, --json.
void add_source_flags(CLI::App& command, ConfigFlags& flags);

/// Gets the Workspace ready and turns this process into the config's. Returns never; throws BadConfig or TriggerFailed.
[[noreturn]] void become_config(const ConfigFlags& flags);

}  // namespace jci::cli
