// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "jci/core/job.hpp"
#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/options.hpp"
#include "jci/executors/docker/run_scope.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

/// The container of a job, made and not started yet.
struct JobContainer {
  std::string id;
  bool terminal = false;      ///< it has one
  bool has_init = false;      ///< its first process is the engine's, which starts the job's command
  std::string image_id = {};  ///< what it was made from, where `inspect` has asked
  bool is_plain =
      false;  ///< as far as `inspect` has asked: no limit of memory, never started again
  std::optional<OutputStream> output = {};  ///< see `attach`
};

/// Makes it, to be in `network` (a mode, as Network::Place has).
Awaitable<Answer<JobContainer>> make_container(RunScope& scope, const Job& job,
                                               const Options& options, const std::string& network);

/// Fills in `image_id` and `is_plain`, where the engine tells.
Awaitable<> inspect(Client& client, JobContainer& container);

/// Has it tell its output from the very beginning. Just before it is started: of a connection that is cut before that, nobody would know.
/// Without output where Podman refuses that, as it could not start the container: that is told then.
Awaitable<Answer<void>> attach(Client& client, JobContainer& container);

}  // namespace jci::docker
