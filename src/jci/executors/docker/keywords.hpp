// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json.hpp>

#include <string_view>
#include <vector>

#include "jci/executors/docker/reading.hpp"

namespace jci::docker {

/// The keywords of docker-py's `containers.run` (docker-py 7, docker/models/containers.py), as far as they say something about
/// the container, in the terms of `POST /containers/create` (Engine API 1.41 to 1.43).
struct Keywords {
  boost::json::object config;  ///< fields of the body itself, without `HostConfig`
  boost::json::object host;    ///< fields of `HostConfig`
  bool network_like =
      false;  ///< something that needs, or changes, a network namespace of the container's own
};

/// Reads one keyword into `into`; false where docker-py has none of this name. Throws BadConfig where the value has another
/// shape than docker-py takes, or where the keyword would take from the executor what it has to decide itself.
bool read_keyword(std::string_view name, const Reading& value, Keywords& into);

/// All names that `read_keyword` knows, sorted.
std::vector<std::string_view> known_keywords();

}  // namespace jci::docker
