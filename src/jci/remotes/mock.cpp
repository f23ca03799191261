// SPDX-License-Identifier: MIT
#include "jci/remotes/mock.hpp"

#include "jci/core/errors.hpp"

namespace jci {

std::vector<MockRemote::Published> MockRemote::published() const {
  const std::scoped_lock lock(mutex_);
  return published_;
}

void MockRemote::fail(std::size_t times, std::string reason) {
  const std::scoped_lock lock(mutex_);
  failures_ = times;
  reason_ = std::move(reason);
}

void MockRemote::publish(const std::string& report, const PipelineView& view) {
  const std::scoped_lock lock(mutex_);
  if (failures_ > 0) {
    --failures_;
    throw RemoteApiFailed(reason_);
  }
  published_.push_back({report, view.status});
}

}  // namespace jci
