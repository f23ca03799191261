// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/pipeline.hpp"
#include "jci/core/state.hpp"
#include "jci/history/recorder.hpp"
#include "jci/history/store.hpp"

namespace jci::testing_history {

/// A state directory of its own, removed at the end, and the small things that tests of the history are made of.
class HistoryFixture : public ::testing::Test {
 protected:
  HistoryFixture();
  ~HistoryFixture() override;

  const std::filesystem::path& state() const { return state_; }
  std::filesystem::path database() const { return state_ / "history.db"; }
  std::filesystem::path directory(const std::string& pipe_id) const {
    return state_ / "runs" / pipe_id;
  }

  static std::string read(const std::filesystem::path& file);
  static std::string bytes_of(const std::filesystem::path& run_directory, std::string_view job,
                              std::optional<Stream> only = std::nullopt);

 private:
  std::filesystem::path state_;
};

/// Microseconds are what the history keeps.
WallTime at(std::int64_t microseconds);

/// A run of repository `/repo` with every field filled in.
RunInfo info(const std::string& pipe_id);

/// Jobs without parents, each `true`.
Pipeline pipeline(const std::vector<std::string>& jobs);
/// `job-0`, `job-1`, ...
Pipeline many_jobs(std::size_t count);

/// What a whole run tells, one after the other.
void tell_run(Observer& observer, const Pipeline& pipeline, const RunInfo& info);

JobState passed_in(std::int64_t nanoseconds);

}  // namespace jci::testing_history
