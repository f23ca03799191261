// SPDX-License-Identifier: MIT
#include "jci/executors/docker/keep.hpp"

#include <string>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"

namespace jci::docker {

DockerOptions::Keep keep_named(std::string_view name) {
  using enum DockerOptions::Keep;
  if (name == "failed") return failed;
  if (name == "all") return all;
  if (name == "never") return never;
  throw BadConfig("executors.Docker: `keep` must be \"failed\", \"all\" or \"never\", not " +
                  ticked(name));
}

}  // namespace jci::docker
