// SPDX-License-Identifier: MIT
#include "jci/executors/docker/run_scope.hpp"

#include "jci/executors/docker/options.hpp"

namespace jci::docker {

bool takes_own_network(const RunScope& scope, const Job& job) {
  return scope.lasting.contains(job.id) || needs_own_network(job, options_of(job));
}

}  // namespace jci::docker
