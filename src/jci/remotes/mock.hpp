// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "jci/core/remote.hpp"

namespace jci {

/// Publishes nowhere, but keeps what it was given: for tests of pipelines. Safe from any thread.
class MockRemote final : public Remote {
 public:
  struct Published {
    std::string report;
    Status status = Status::pending;
    bool operator==(const Published&) const = default;
  };

  MockRemote(std::string branch, std::string sha)
      : branch_(std::move(branch)), sha_(std::move(sha)) {}

  const std::string& branch() const { return branch_; }
  const std::string& sha() const { return sha_; }

  /// A copy of all that was published so far, oldest first.
  std::vector<Published> published() const;

  /// Makes the next `times` calls of `publish` throw RemoteApiFailed with `reason` and keep nothing.
  void fail(std::size_t times, std::string reason = "scripted to fail");

  std::string name() const override { return "mock"; }
  void publish(const std::string& report, const PipelineView& view) override;

 private:
  const std::string branch_;
  const std::string sha_;
  mutable std::mutex mutex_;
  std::vector<Published> published_;
  std::size_t failures_ = 0;  // still to come
  std::string reason_;
};

}  // namespace jci
