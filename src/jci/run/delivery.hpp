// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "jci/engine/publisher.hpp"
#include "jci/history/outbox.hpp"
#include "jci/remotes/variables.hpp"

namespace jci::run {

/// What became of a letter of the outbox.
struct Delivery {
  enum class End {
    delivered,
    waits,    ///< for the next time
    dropped,  ///< it would never arrive, or is too old
  };
  history::Letter letter;
  End end;
  std::string why;  ///< for people; empty where it was delivered
};

/// Keeps final reports in the outbox of `state_directory` until their remote has them; those of remotes with an address.
Safekeeping keep_in_outbox(const std::filesystem::path& state_directory, std::string pipe_id);

/// Delivers what waits in the outbox, the oldest first; to a remote that does not answer, nothing more.
class Courier {
 public:
  /// `variables`: where remotes find their tokens.
  Courier(std::filesystem::path state_directory, Variables variables);

  /// Blocks. Tells of each letter it took in hand. Does nothing where another process is delivering.
  void deliver(const std::function<void(const Delivery&)>& tell);
  /// From any thread: `deliver` returns soon, what it has not delivered waits.
  void interrupt();

 private:
  Delivery deliver(const history::Letter& letter);
  PipelineView view_of(const history::Letter& letter) const;

  const std::filesystem::path state_;
  const Variables variables_;
  history::Outbox outbox_;
  std::atomic<bool> interrupted_ = false;
  std::mutex mutex_;  // guards `remote_`
  std::shared_ptr<Remote> remote_;
};

/// A Courier at work while a run goes on, on a thread of its own; none where nothing waits. Ends with it.
class BackgroundDelivery {
 public:
  explicit BackgroundDelivery(const std::filesystem::path& state_directory);
  ~BackgroundDelivery();
  BackgroundDelivery(const BackgroundDelivery&) = delete;
  BackgroundDelivery& operator=(const BackgroundDelivery&) = delete;

 private:
  std::unique_ptr<Courier> courier_;
  std::thread thread_;
};

}  // namespace jci::run
