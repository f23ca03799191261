// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/network.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

/// What is needed to ask an engine about its file system: a container that is made and never started.
struct Probing {
  Client& client;
  std::string image;  ///< any that the engine has
  std::string run_id;
  LabelMap labels;
};

/// Whether the engine's own machine has a file or directory `path`.
Awaitable<Answer<bool>> engine_has(const Probing& probing, const std::filesystem::path& path);

/// The path by which the engine's own machine knows `directory` of ours: the same where it shares our file system; translated by the mounts
/// of our own container where we are in one of the engine's; nothing where it has no such directory. Found out by asking for a
/// directory that nobody else has. Fails only where the engine does.
Awaitable<Answer<std::optional<std::filesystem::path>>> path_on_engine(
    const Probing& probing, const std::filesystem::path& directory);

/// The ids of containers that the text of /proc/self/mountinfo names: ours, if we are in one.
std::vector<std::string> container_ids_in(std::string_view mountinfo);

/// Where `path` of a container lies on the engine's machine, by the container's `Mounts` as inspected; nothing if on none of them.
std::optional<std::filesystem::path> translate(const boost::json::array& mounts,
                                               const std::filesystem::path& path);

}  // namespace jci::docker
