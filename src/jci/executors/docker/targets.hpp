// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json.hpp>

#include <set>
#include <string>

namespace jci::docker {

/// The places inside the container to which `host`, a `HostConfig`, mounts something, without a `/` at the end.
std::set<std::string> mount_targets(const boost::json::object& host);

}  // namespace jci::docker
