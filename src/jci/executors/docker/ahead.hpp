// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "jci/core/job.hpp"
#include "jci/executors/docker/job_container.hpp"
#include "jci/executors/docker/run_scope.hpp"
#include "jci/util/async.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {

/// Containers that are made before it is their jobs' turn, while the engine is busy with what these wait for. Whether one is ever used is
/// open: it is one of the run's, and removed with all the others.
class Ahead {
 public:
  /// `tasks` must have ended before this does.
  Ahead(TaskGroup& tasks, const boost::asio::any_io_executor& executor)
      : tasks_(tasks), executor_(executor) {}

  /// Begins to make the container of `job`, to be in `network`, unless that has been done before, it has been the job's turn, or
  /// others could see it. Quietly does without it where that fails: whoever makes it in its turn is told why.
  void make(RunScope& scope, const Job& job, const std::string& network);

  /// The network of what is made for `job`; empty where nothing is.
  std::string network_of(const Job& job) const;

  /// Hands it over, attached. Nothing where there is none, or not the right one: then none is in the way of another.
  Awaitable<std::optional<JobContainer>> take(RunScope& scope, const Job& job,
                                              const std::string& network);

 private:
  struct Made;

  static Awaitable<> make_now(RunScope& scope, const Job& job, std::shared_ptr<Made> made);

  TaskGroup& tasks_;
  boost::asio::any_io_executor executor_;
  std::map<JobId, std::shared_ptr<Made>> made_;
};

}  // namespace jci::docker
