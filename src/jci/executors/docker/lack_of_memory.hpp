// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <string_view>

#include "jci/executors/docker/client.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

/// What a job is told, in its output, where the kernel killed one of its processes for want of memory, or may have; else nothing. `container`: its own,
/// as inspected when it had ended.
Awaitable<std::string_view> explain_lack_of_memory(Client& client,
                                                   const boost::json::object& container,
                                                   bool may_be_killed_by_us);

}  // namespace jci::docker
