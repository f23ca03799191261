// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/network.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

/// What is needed to ask an engine about its file system: a container that it refuses to make, or one that is made and never started. That goes with
/// the run, when it costs no time.
struct Probing {
  Client& client;
  std::string image;  ///< any that the engine has
  std::string run_id;
  LabelMap labels;
};

/// Whether the engine's own machine has files or directories at all `paths`.
Awaitable<Answer<bool>> engine_has(const Probing& probing,
                                   const std::vector<std::filesystem::path>& paths);

/// How the engine's own machine calls what we see.
class EnginePaths {
 public:
  /// As we do.
  EnginePaths() = default;
  /// As the `Mounts`, as inspected, of the container say that we are in.
  explicit EnginePaths(boost::json::array mounts) : mounts_(std::move(mounts)) {}

  /// Nothing where that machine does not have `path`.
  std::optional<std::filesystem::path> of(const std::filesystem::path& path) const;

 private:
  std::optional<boost::json::array> mounts_;
};

/// What the engine's machine has of ours.
struct Shared {
  EnginePaths paths;
  std::map<std::string, std::string> others;  ///< paths: by our name for it, its own
};

/// Nothing where the engine's machine does not have `directory` of ours under any name. Found out by asking for one beside it that nobody else
/// has. Of the `others` it has what it has. Fails only where the engine does.
Awaitable<Answer<std::optional<Shared>>> find_shared(const Probing& probing,
                                                     const std::filesystem::path& directory,
                                                     const std::set<std::filesystem::path>& others);

/// The ids of containers that the text of /proc/self/mountinfo names: ours, if we are in one.
std::vector<std::string> container_ids_in(std::string_view mountinfo);

/// Where `path` of a container lies on the engine's machine, by the container's `Mounts` as inspected; nothing if on none of them.
std::optional<std::filesystem::path> translate(const boost::json::array& mounts,
                                               const std::filesystem::path& path);

}  // namespace jci::docker
