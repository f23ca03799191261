// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <set>
#include <string>

#include "jci/core/executor.hpp"
#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/connection.hpp"
#include "jci/executors/docker/convert.hpp"
#include "jci/executors/docker/images.hpp"
#include "jci/executors/docker/network.hpp"
#include "jci/executors/docker/volume.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

class Ahead;
class Deaths;

/// What all jobs of a run share.
struct RunScope {
  Connection& engine;
  Client& client;  ///< its
  Images& images;
  Network& network;
  Ahead& ahead;
  Deaths& deaths;
  const RunContext& context;
  std::string inside_image;
  Surroundings surroundings;  ///< for every job; its network and the job's own label come later
  WorkspaceVolume* volume;    ///< what the Workspace is in; null where it is a directory
  std::function<Awaitable<std::string>(const Job&)>
      read_report;                ///< `<job name>.txt`, its beginning
  std::string last_started = {};  ///< id of the container that the engine started last
  std::set<JobId> lasting = {};   ///< jobs that would keep a holder's namespace for long
};

/// Whether `job` gets a network namespace that nobody had before.
bool takes_own_network(const RunScope& scope, const Job& job);

}  // namespace jci::docker
