// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "jci/core/settings.hpp"

namespace jci {

/// Index into Pipeline::jobs(), in the order of declaration.
using JobId = std::uint32_t;
/// Index into Pipeline::stages(), in the order of declaration.
using StageId = std::uint32_t;

/// A `std::string` runs in `/bin/sh -c`; a list is the argv; nothing means the image's own command (services only).
using Command = std::variant<std::monostate, std::string, std::vector<std::string>>;

/// One job as declared; never changes afterwards. How it goes is in JobState.
struct Job {
  JobId id = 0;
  StageId stage = 0;
  std::string name;  ///< cleaned, unique over jobs and stages
  Command command;
  std::vector<JobId> depends_on;  ///< of the same stage, declared earlier: no cycle is possible
  std::shared_ptr<const Settings>
      settings;  ///< all inherited values applied; shared between jobs that say nothing themselves

  const std::string& image() const;
  Milliseconds timeout() const;
  bool is_service() const;
  const Env& env() const { return settings->env; }
};

struct Stage {
  StageId id = 0;
  std::string name;
  std::shared_ptr<const Settings> settings;  ///< the pipeline's with the stage's laid over
  std::vector<JobId> jobs;
};

}  // namespace jci
