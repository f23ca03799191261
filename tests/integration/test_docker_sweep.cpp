// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <string>

#include "engine_fixture.hpp"
#include "jci/executors/docker/sweep.hpp"

namespace jci::docker {
namespace {

using Clock = std::chrono::system_clock;
using testing::IsEmpty;
using testing::SizeIs;

class DockerSweep : public OnEngine {
 protected:
  /// A container of a run that has ended, which ended with 1.
  void keep_container() {
    const auto equals = label().find('=');
    const boost::json::object config{{"Image", "busybox:local"},
                                     {"Cmd", {"false"}},
                                     {"Labels",
                                      {{label().substr(0, equals), owner()},
                                       {k_owner_label, owner()},
                                       {k_run_label, "run-of-" + owner()},
                                       {k_job_label, "Test"}}},
                                     {"HostConfig", {{"NetworkMode", "none"}}}};
    const CreatedContainer created = must(client_.create_container(config, "", ""));
    EXPECT_EQ(run_to_end(created.id).exit_code, 1);
  }

  std::string owner() const { return label().substr(label().find('=') + 1); }
  std::vector<ContainerSummary> kept() { return must(client_.list_containers({label()})); }
  void sweep_in(std::chrono::hours later) { must(sweep_at(Clock::now() + later)); }

 private:
  Awaitable<Answer<void>> sweep_at(Clock::time_point now) {
    const std::function<bool(const std::string&)> nobody = [](const std::string&) { return false; };
    const std::string mine = owner();
    co_await sweep(client_, mine, nobody, now);
    co_return Answer<void>();
  }
};

TEST_F(DockerSweep, RemovesWhatWasKeptForAWeek) {
  constexpr std::chrono::hours day{24};
  keep_container();
  sweep_in(6 * day);
  EXPECT_THAT(kept(), SizeIs(1));
  sweep_in(8 * day);
  EXPECT_THAT(kept(), IsEmpty());
}

}  // namespace
}  // namespace jci::docker
