// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "jci/core/job.hpp"
#include "jci/executors/docker/keywords.hpp"

namespace jci::docker {

/// Where every job of a run finds the run's files.
inline constexpr std::string_view k_run_directory = "/jaypore_ci/run";
/// What the labels by which we find what is ours begin with.
inline constexpr std::string_view k_label_prefix = "in.jayporeci.";

enum class Pull { always, missing, never };

// How to learn that a service can be used, instead of what its image says (HEALTHCHECK, else that it runs).
struct ReadyCommand {
  std::vector<std::string> argv;  ///< ends with 0, run inside the container
  bool operator==(const ReadyCommand&) const = default;
};
struct ReadyPort {
  std::uint16_t port;  ///< accepts connections
  bool operator==(const ReadyPort&) const = default;
};
struct ReadyHttp {
  std::uint16_t port;
  std::string path;  ///< with its query; answers with 200 to 399
  bool operator==(const ReadyHttp&) const = default;
};
using Ready = std::variant<std::monostate, ReadyCommand, ReadyPort, ReadyHttp>;

inline constexpr Milliseconds k_default_ready_timeout = std::chrono::seconds(60);

/// What a job's `executor_kwargs` ask for, checked.
struct Options {
  bool docker_socket = true;
  Pull pull = Pull::missing;
  Ready ready;  ///< of a service; nothing for other jobs
  Milliseconds ready_timeout = k_default_ready_timeout;
  std::string platform;  ///< "linux/arm64": what to pull and to create; empty: the engine's own
  bool use_config_proxy = true;  ///< lets the job have the proxies of docker's config.json
  Keywords keywords;
};

/// Throws BadConfig: an unknown name (naming the nearest), a wrong shape, or arguments that contradict one another, the job, or
/// what every job is promised.
Options options_of(const Job& job);

}  // namespace jci::docker
