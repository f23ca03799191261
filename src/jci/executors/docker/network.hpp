// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/labels.hpp"
#include "jci/util/async.hpp"
#include "jci/util/latch.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {

/// How many containers that are being started keep the processors of this machine busy: what is done ahead for more is done for nothing.
std::size_t busy_starts();

/// The network of one run, and namespaces in it that are handed on from job to job.
///
/// Half of the time that a container takes to start is its network namespace. So a few small containers hold one each, and a job that says
/// nothing of its own about the network, and is not known to last, is started in a free one. It has the namespace to itself: the next job
/// gets it when the container of the one before has ended, and with it all its processes and sockets. What it can observe of this is its
/// host name, which is the holder's.
class Network {
 public:
  /// A place in the network for one container, from before it is started until it has ended.
  class Place {
   public:
    Place(Network& network, std::string mode, bool held)
        : network_(&network), mode_(std::move(mode)), held_(held) {}
    Place(Place&& other) noexcept
        : network_(std::exchange(other.network_, nullptr)),
          mode_(std::move(other.mode_)),
          held_(other.held_),
          started_(other.started_) {}
    Place& operator=(Place&&) = delete;
    ~Place();

    /// For `HostConfig.NetworkMode`.
    const std::string& mode() const { return mode_; }
    /// The container in whose namespace this is, unless it is a namespace of its own.
    std::optional<std::string> holder() const;
    /// The container runs: the engine has time for the next.
    void started();
    /// The holder is gone: nobody gets its namespace again.
    void lost();

   private:
    Network* network_;
    std::string mode_;
    bool held_;
    std::optional<std::chrono::steady_clock::time_point> started_ = std::nullopt;
  };

  Network(Client& client, const boost::asio::any_io_executor& executor, std::string run_id,
          LabelMap labels);

  /// May be called again where the engine was lost.
  Awaitable<Answer<void>> create();
  /// Also before there is one: an engine takes it for a container that is not to be started yet (Podman does not).
  const std::string& name() const { return name_; }

  using Made = std::function<void(const std::string& mode)>;
  /// Makes `count` holders of `image` in `tasks`, to be started when the network is there; one that cannot be is done without. `made` hears the
  /// mode of each as soon as containers can be made for it.
  void hold(std::size_t count, const std::string& image, TaskGroup& tasks, const Made& made);

  /// Waits for its turn: an engine that starts too many at once takes longer for all. `own`: a namespace of the container's own.
  /// Nothing where the wait was cancelled.
  /// `preferred`: the mode that suits best, where there is a choice.
  Awaitable<std::optional<Place>> take(bool own, const std::string& preferred = {});

  /// The mode of the place that whoever asks for one when `place` is given back will get, as far as can be told.
  std::optional<std::string> mode_after(const Place& place, bool own) const;

 private:
  struct Waiter {
    boost::asio::steady_timer turn;  // never expires
    std::string preferred;
    std::optional<Place> place = std::nullopt;
  };

  Awaitable<> start_holder(std::size_t number, std::string image, Made made);
  void give_back(std::string mode);
  void start_ended();
  void serve();
  void serve_any();
  void serve_own(std::deque<Waiter*>& waiting);
  using Queue = std::deque<Waiter*>;
  static void hand(Queue& waiting, Queue::iterator waiter, Place place);
  bool may_hope() const;
  std::chrono::steady_clock::time_point hopes_until() const;

  Client& client_;
  boost::asio::any_io_executor executor_;
  std::string run_id_;
  LabelMap labels_;
  std::size_t most_starts_;  // of namespaces, at once
  std::string name_;
  Latch made_;  // the network is there

  std::size_t coming_ = 0;         // holders being started
  std::size_t holders_ = 0;        // that run
  std::vector<std::string> free_;  // modes of holders without a job
  std::size_t starting_ = 0;       // places whose container does not run yet
  std::deque<Waiter*> wait_any_;   // for a holder, or else a namespace of their own
  std::deque<Waiter*> wait_own_;
  boost::asio::steady_timer hope_;  // runs while jobs wait for a holder to come free
  std::chrono::steady_clock::time_point last_freed_{};
  std::chrono::steady_clock::duration cost_{};    // of a namespace, as the slowest holder told
  std::chrono::steady_clock::duration lasted_{};  // the last job that had a holder's, once it ran
};

}  // namespace jci::docker
