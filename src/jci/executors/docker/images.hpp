// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "jci/core/executor.hpp"
#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/config_file.hpp"
#include "jci/executors/docker/options.hpp"
#include "jci/util/latch.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {

/// The images of one run: each is looked for, and pulled where need be, once for all jobs that want it. Where there was none it is looked
/// for again by jobs that come after one that may have made it.
class Images {
 public:
  /// All must outlive the tasks that `want` starts.
  Images(Client& client, const ConfigFile& config, TaskGroup& tasks,
         const boost::asio::any_io_executor& executor)
      : client_(client), config_(config), tasks_(tasks), executor_(executor) {}

  /// An image being looked for.
  struct Wanted {
    explicit Wanted(const boost::asio::any_io_executor& executor) : known(executor) {}
    Latch known;  ///< open when the rest is there
    std::expected<std::string, std::string>
        result;      ///< its digest, "sha256:..."; or for people why there is none
    std::string id;  ///< the engine's own, "sha256:..."
    bool has_healthcheck = false;
    bool engine_lost = false;    ///< is why there is none
    std::string progress;        ///< "pulling image `python:3.11`: 3 of 12 MB"; empty before a pull
    std::set<JobSink*> waiting;  ///< told of `progress` when it changes, now and then
    std::size_t looked = 0;      ///< `changes_` when it was looked for last
    std::size_t looking = 0;     ///< ways of finding it that go on
  };

  /// Starts to look for it, unless that has been done already.
  Wanted& want(const std::string& image, Pull pull, const std::string& platform);

  /// The last that was wanted under these names; null where none was. Looks for nothing.
  Wanted* wanted(const std::string& image, Pull pull, const std::string& platform);

  /// A job that may use the engine has ended: there may be other images now.
  void may_have_changed() { ++changes_; }

 private:
  using Key = std::tuple<std::string, std::string, Pull>;

  Awaitable<> find(const Key& key, Wanted& wanted);
  Awaitable<> find_made(const Key& key, Wanted& wanted);
  static void found(Wanted& wanted, std::expected<std::string, std::string> result);
  Awaitable<std::expected<std::string, std::string>> digest_of(const Key& key, Wanted& wanted);
  Awaitable<std::expected<void, std::string>> pull(const std::string& image,
                                                   const std::string& platform, Wanted& wanted);

  Client& client_;
  const ConfigFile& config_;
  TaskGroup& tasks_;
  boost::asio::any_io_executor executor_;
  std::size_t changes_ = 0;
  std::map<Key, std::vector<std::unique_ptr<Wanted>>> wanted_;  // the last one counts
};

}  // namespace jci::docker
