// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/connection.hpp"
#include "jci/executors/docker/container_files.hpp"
#include "jci/executors/docker/labels.hpp"
#include "jci/executors/docker/listing.hpp"
#include "jci/util/async.hpp"
#include "jci/util/latch.hpp"
#include "jci/util/tar.hpp"

namespace jci::docker {

/// The Workspace on an engine that does not see our files: a volume. Its files come and go through a container that has the
/// volume and is never started.
///
/// Where that is much, only what differs travels. Another volume stays on the engine from run to run: a copy of the Workspace, with a listing of it. It is brought up to date, and the
/// The run's own volume is filled from it by a container of ours (inside/main.cpp), which also finds what jobs have changed. Runs at once have different
/// Workspaces, and so different copies.
class WorkspaceVolume {
 public:
  WorkspaceVolume(Connection& engine, const boost::asio::any_io_executor& executor);

  /// Makes the volumes and the container, of `image`, for what is in `workspace`; may be called again where it failed. Whoever looks for `labels` removes them; `sweep` the copy.
  Awaitable<Answer<void>> create(const std::string& run_id, const LabelMap& labels,
                                 const std::string& image, const std::filesystem::path& workspace);
  /// Of the volume.
  const std::string& name() const { return name_; }

  /// Has all of `directory` in the volume; then, or when that has failed, `filled` opens. May be cancelled.
  Awaitable<> fill(std::filesystem::path directory);
  Latch& filled() { return filled_; }
  /// Why it could not be filled.
  const std::optional<std::string>& problem() const { return problem_; }

  /// The first bytes of a file, named by its path in the volume; empty where there is none, or it is no regular file. Follows no link.
  Awaitable<std::string> beginning_of(const std::string& file, std::size_t max_bytes);

  /// Copies into `directory` what can match `pattern` (results/results.hpp), each file with its path: a file that has no wildcard in its name, else all
  /// below the directories that have none. Follows no link. What is not there, or empty, is left out. Throws std::runtime_error.
  Awaitable<> bring(std::string pattern, std::filesystem::path directory);

  /// Copies what jobs changed into `directory`; to be called when nothing writes into it. What only `directory` has stays. Returns, for
  /// people, what could not be brought. Does nothing where the volume was never filled.
  Awaitable<std::vector<std::string>> bring_back(std::filesystem::path directory);

 private:
  Awaitable<Answer<void>> copy_from(std::filesystem::path directory);
  Awaitable<Answer<void>> look_at(const std::filesystem::path& workspace);
  Awaitable<Answer<Listing>> known_there();
  Awaitable<Answer<void>> send_all(const std::filesystem::path& directory);
  Awaitable<Answer<void>> inside(std::string what);
  Awaitable<Answer<void>> gather();

  Connection& engine_;
  Client& client_;
  boost::asio::any_io_executor executor_;
  std::string name_;
  Listing listing_;        // of the Workspace
  bool is_small_ = false;  // so that it is not worth a copy, and all of it travels
  LabelMap labels_;
  boost::json::array mounts_;
  std::string image_;
  std::optional<ContainerFiles> files_;  // of a container that has the volumes
  Latch filled_;
  std::optional<std::string> problem_;
};

}  // namespace jci::docker
