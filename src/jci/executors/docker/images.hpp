// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <expected>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "jci/core/executor.hpp"
#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/config_file.hpp"
#include "jci/executors/docker/options.hpp"
#include "jci/util/latch.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {

/// The images of one run: each is looked for, and pulled where need be, once for all jobs that want it.
class Images {
 public:
  /// All must outlive the tasks that `want` starts.
  Images(Client& client, const ConfigFile& config, TaskGroup& tasks,
         const boost::asio::any_io_executor& executor)
      : client_(client), config_(config), tasks_(tasks), executor_(executor) {}

  /// An image being looked for.
  struct Wanted {
    explicit Wanted(const boost::asio::any_io_executor& executor) : known(executor) {}
    Latch known;  ///< open when `result` is there
    std::expected<std::string, std::string>
        result;  ///< its digest, "sha256:..."; or for people why there is none
    bool has_healthcheck = false;
    std::string progress;        ///< "pulling image `python:3.11`: 3 of 12 MB"; empty before a pull
    std::set<JobSink*> waiting;  ///< told of `progress` when it changes, now and then
  };

  /// Starts to look for it, unless somebody has already.
  Wanted& want(const std::string& image, Pull pull, const std::string& platform);

 private:
  using Key = std::tuple<std::string, std::string, Pull>;

  Awaitable<> find(const Key& key, Wanted& wanted);
  Awaitable<std::expected<std::string, std::string>> digest_of(const Key& key, Wanted& wanted);
  Awaitable<std::expected<void, std::string>> pull(const std::string& image,
                                                   const std::string& platform, Wanted& wanted);

  Client& client_;
  const ConfigFile& config_;
  TaskGroup& tasks_;
  boost::asio::any_io_executor executor_;
  std::map<Key, std::unique_ptr<Wanted>> wanted_;
};

}  // namespace jci::docker
