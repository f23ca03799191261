// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "jci/core/executor.hpp"

namespace jci {

struct DockerOptions {
  /// Whose containers outlive the run, so that `docker logs` works on them.
  enum class Keep { failed, all, never };
  Keep keep = Keep::failed;  ///< failed ones for a week
  /// Hand network namespaces on from job to job (see docker/network.hpp).
  bool share_namespaces = true;
  /// For how long an engine that is gone is waited for; where nothing is said, a minute, and five where it is behind ssh.
  std::optional<Milliseconds> engine_away = {};
};

/// Runs jobs in containers of a Docker engine, which it speaks to itself (docker/client.hpp): the one that the `docker` command would use.
///
/// A run has a network of its own, in which services are reached by their names in lower case. Each job sees the Workspace at
/// /jaypore_ci/run, its working directory. `executor_kwargs` are those of docker-py's `containers.run` (docs/docker.md).
///
/// Everything it makes is labelled and removed in `tidy`; where this process dies before, by the next run (docker/sweep.hpp). An engine that
/// goes away for less than `engine_away` is waited for, and the user is told; jobs that ran on one that stays away longer are Lost.
std::unique_ptr<Executor> make_docker_executor(DockerOptions options = {});

}  // namespace jci
