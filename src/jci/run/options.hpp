// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "jci/core/repo.hpp"

namespace jci::run {

/// The environment variable by which `jci run` tells the config's process where to read what was asked for (see handover.hpp). Read once and
/// taken out of the environment, so that no job inherits it.
inline constexpr const char* k_options_variable = "_JCI";

/// What the command line asked for, and what `jci` has prepared. All empty where a config is run by hand.
struct Options {
  bool plan_only = false;        ///< leaving `with` prints the plan and runs nothing
  bool json = false;             ///< events as JSON lines on stdout
  bool dirty = false;            ///< the working tree is built, not the commit
  std::string executor;          ///< replaces the default executor; one named in the config wins
  std::size_t max_parallel = 0;  ///< --jobs; 0: the config's, else the executor's default
  Repo::Facts commit;            ///< what is being built; read once, by `jci`
  std::string workspace;         ///< made by `jci`, and locked by the descriptor below
  int workspace_lock =
      -1;  ///< inherited open descriptor; whoever holds it owns the Workspace. Not in the JSON
  /// Of a supervisor that has been started, where one has (executors/supervisor.hpp): an inherited open descriptor, and its process, a child
  /// of this one. Not in the JSON.
  int supervisor_socket = -1;
  int supervisor_process = -1;
  std::string config;  ///< path of the config, relative to the repository
  std::string program =
      {};  ///< a C++ config, compiled, where Python was started in the belief that it would be needed

  bool operator==(const Options&) const = default;
  std::string to_json() const;
  /// Throws BadConfig for anything `to_json` did not write.
  static Options from_json(std::string_view text);
  /// This process's options: read on the first call, which also removes the variable.
  static const Options& of_process();
};

}  // namespace jci::run
