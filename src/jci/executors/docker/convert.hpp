// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "jci/core/base_env.hpp"
#include "jci/core/job.hpp"
#include "jci/executors/docker/options.hpp"

namespace jci::docker {

// From a job to what the engine is asked to create. Pure: no engine, no clock, no file is looked at.

/// Where a job finds the engine's socket, and the program to speak to it.
inline constexpr std::string_view k_socket_target = "/var/run/docker.sock";
inline constexpr std::string_view k_docker_cli_target = "/usr/local/bin/docker";

/// What holds the run's files, as the engine names it.
struct WorkspaceMount {
  enum class Kind { directory, volume };
  Kind kind = Kind::directory;
  std::string source;  ///< a path on the engine's machine, or a volume's name
};

/// What the run gives to each of its jobs.
struct Surroundings {
  std::map<std::string, std::string> labels;  ///< `in.jayporeci.run`, ...: laid over the user's
  std::string network;  ///< the run's network, or "container:<id>"; for jobs that name no other
  WorkspaceMount workspace;  ///< appears as k_run_directory
  /// What the Workspace's git reads besides: by its path there, that on the engine's machine.
  std::map<std::string, std::string> git_objects;
  BaseEnv base_env;  ///< what of it the job gets, with its own laid over it
  Env proxy_env;  ///< of docker's config.json; below all others, and not for `use_config_proxy=False`
  std::string user;  ///< "uid:gid" for jobs that name none; empty: the image's own
  std::optional<std::string> docker_socket;  ///< its path on the engine's machine
  std::optional<std::string>
      docker_cli;  ///< a `docker` program there that runs in any image; only beside the socket
};

/// `jayporeci__job__<run>__<job>`
std::string container_name(std::string_view run_id, const Job& job);

/// The name by which other jobs reach the service `job`: its own in lower case.
std::string service_alias(const Job& job);

/// Whether `job` needs a network namespace of its own: it is a service, or says something about its network (ports, hostname,
/// dns, extra_hosts, network, network_mode, privileged, NET_ADMIN, sysctls of `net.`, ...).
bool needs_own_network(const Job& job, const Options& options);

/// Whether `options` give a container something that other jobs may have as well: where a volume is empty, an engine fills it from the image
/// when the container is made, not when it is started.
bool shares_volumes(const Options& options);

/// The body of `POST /containers/create`. `options` are `options_of(job)`. Its name and platform are no part of it.
boost::json::object create_body(const Job& job, const Options& options,
                                const Surroundings& surroundings);

/// Throws BadConfig for all that can be told without an engine: see options_of; an image that is none; a command that no
/// process can have.
void check_job(const Job& job);

}  // namespace jci::docker
