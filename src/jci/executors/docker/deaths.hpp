// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "jci/executors/docker/client.hpp"
#include "jci/util/async.hpp"
#include "jci/util/latch.hpp"

namespace jci::docker {

/// How a container ended, as the engine told when it did.
struct Death {
  using Time = std::chrono::sys_time<std::chrono::nanoseconds>;  ///< by the engine's clock
  int exit_code = 0;
  std::optional<Time> started;
  Time at;
  std::chrono::steady_clock::time_point
      heard;                   ///< by our own clock, which need not be the engine's
  bool lacked_memory = false;  ///< one of its processes, as far as that was told before
};

/// Hears when the containers of a run end. Docker tells of an end, and only then tidies up after the container: it takes a tenth of a second
/// until whoever waits for the container, or inspects it, hears of that. Nobody needs to wait so long for a job that has passed.
class Deaths {
 public:
  Deaths(Client& client, const boost::asio::any_io_executor& executor, std::string run_id);
  Deaths(const Deaths&) = delete;
  Deaths& operator=(const Deaths&) = delete;

  /// Listens until it is cancelled, or the engine is lost.
  Awaitable<> listen();
  /// Returns when it listens, or never will: what is started from then on is heard of.
  Awaitable<> ready() { return begun_.wait(); }
  bool listens() const { return listens_; }

  /// Waits for the end of the container `id`. Nothing where that will not be told: it has to be asked for.
  Awaitable<std::optional<Death>> of(std::string id);

  /// The containers that have just ended: the engine may still be tidying up after them.
  std::set<std::string> just_heard() const;
  /// The moment when the first of them ended, as `Client::departures` takes it.
  std::string first_of(const std::set<std::string>& containers) const;

 private:
  void take(const boost::json::object& event);
  void stop_listening();

  Client& client_;
  boost::asio::any_io_executor executor_;
  std::string run_id_;
  Latch begun_;
  bool listens_ = false;
  std::map<std::string, Death> dead_;           // by container
  std::map<std::string, Death::Time> started_;  // containers
  std::set<std::string> lacked_memory_;         // containers
  std::map<std::string, Latch*> waiting_;       // for the container's end
};

}  // namespace jci::docker
