// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <limits>

#include "jci/executors/docker/reading.hpp"

namespace jci::docker {

// From the shapes that docker-py takes to those that the engine takes, one function each. All throw BadConfig for another shape.

boost::json::value flag(const Reading& argument);
boost::json::value text(const Reading& argument);
boost::json::value name(const Reading& argument);           ///< a text that is not empty
boost::json::value absolute_path(const Reading& argument);  ///< beginning with `/`
boost::json::value scalar(const Reading& argument);         ///< a text or a number, as text
boost::json::value texts(const Reading& argument);          ///< a list of texts
boost::json::value scalars(const Reading& argument);  ///< a list of texts and numbers, as texts
boost::json::value names(const Reading& argument);    ///< a list of texts, or one text with commas
boost::json::value words(
    const Reading& argument);  ///< a list of texts, or one split as a shell does
boost::json::value scalars_by_name(const Reading& argument);

template <std::int64_t least, std::int64_t most = std::numeric_limits<std::int64_t>::max()>
boost::json::value whole(const Reading& argument) {
  return argument.whole(least, most);
}

/// In bytes.
template <std::int64_t least>
boost::json::value size(const Reading& argument) {
  return argument.bytes(least);
}

boost::json::value cgroup_namespace(const Reading& argument);  ///< "private" or "host"
boost::json::value device_rates(
    const Reading& argument);  ///< `[{"Path": "/dev/sda", "Rate": 1048576}]`
boost::json::value device_requests(
    const Reading& argument);  ///< `[{"count": -1, "capabilities": [["gpu"]]}]`
boost::json::value device_weights(
    const Reading& argument);                         ///< `[{"Path": "/dev/sda", "Weight": 100}]`
boost::json::value devices(const Reading& argument);  ///< `["/dev/sda:/dev/xvda:rwm"]`
boost::json::value environment(
    const Reading& argument);  ///< `{"A": "b"}` or `["A=b"]`; a name alone unsets it
boost::json::value healthcheck(
    const Reading& argument);  ///< `{"test": "pg_isready", "interval": 1000000000}`
boost::json::value labels(const Reading& argument);  ///< `{"a": "b"}` or `["a"]`
boost::json::value links(const Reading& argument);   ///< `{"container": "alias"}`
boost::json::value log_config(
    const Reading& argument);  ///< `{"type": "json-file", "config": {"max-size": "1m"}}`
boost::json::value mounts(
    const Reading& argument);  ///< `[{"target": "/data", "source": "v", "type": "volume"}]`
boost::json::value networking_config(
    const Reading& argument);                           ///< `{"network": {"Aliases": ["db"]}}`
boost::json::value only_host(const Reading& argument);  ///< "host"
boost::json::value pairs(const Reading& argument);      ///< `{"a": "b"}` or `["a:b"]`
boost::json::value ports(
    const Reading& argument);  ///< `{"80/tcp": 8080, 443: ("127.0.0.1", 8443), 22: None}`
boost::json::value restart_policy(
    const Reading& argument);  ///< `{"Name": "on-failure", "MaximumRetryCount": 5}`
boost::json::value tmpfs(
    const Reading& argument);  ///< `{"/tmp": "size=64m"}` or `["/tmp:size=64m"]`
boost::json::value ulimits(
    const Reading& argument);  ///< `[{"name": "nofile", "soft": 1024, "hard": 2048}]`
boost::json::value volumes(
    const Reading& argument);  ///< `{"/src": {"bind": "/dst", "mode": "ro"}}` or `["/src:/dst:ro"]`

}  // namespace jci::docker
