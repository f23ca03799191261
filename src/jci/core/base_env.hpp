// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <set>
#include <string>

#include "jci/core/job.hpp"

namespace jci {

/// The variables that a run has for its jobs: the `JAYPORE_*` ones of its own environment, with the prefix taken off.
struct BaseEnv {
  Env variables;
  std::set<std::string> secrets;  ///< names of those whose values are secret

  /// What `job` gets of them: all, but where it says which `secrets` it needs only these and what is none.
  Env shown_to(const Job& job) const;

  /// What all of `jobs` get.
  Env shown_to_all(const std::deque<Job>& jobs) const;

  /// `shown_to` with the job's own `env` laid over it.
  Env of(const Job& job) const;
};

}  // namespace jci
