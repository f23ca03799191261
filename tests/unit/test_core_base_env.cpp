// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "jci/core/base_env.hpp"

namespace jci {
namespace {

Job job(std::optional<std::vector<std::string>> secrets, Env env = {}) {
  Settings settings;
  settings.secrets = std::move(secrets);
  settings.env = std::move(env);
  return {.id = 0,
          .stage = 0,
          .name = "job",
          .command = {},
          .depends_on = {},
          .settings = std::make_shared<const Settings>(settings)};
}

const BaseEnv k_base{{{"FLAVOUR", "f"}, {"KEY", "k"}, {"TOKEN", "t"}}, {"KEY", "TOKEN"}};

TEST(BaseEnv, IsShownWholeToAJobThatSaysNothing) {
  EXPECT_EQ(k_base.shown_to(job({})), k_base.variables);
}

TEST(BaseEnv, ShowsOnlyTheSecretsThatAJobSaysAndWhatIsNone) {
  EXPECT_EQ(k_base.shown_to(job({{"KEY"}})), (Env{{"FLAVOUR", "f"}, {"KEY", "k"}}));
  EXPECT_EQ(k_base.shown_to(job(std::vector<std::string>{})), (Env{{"FLAVOUR", "f"}}));
}

TEST(BaseEnv, LiesBelowTheJobsOwnVariables) {
  EXPECT_EQ(k_base.of(job({{"KEY"}}, {{"KEY", "mine"}, {"TOKEN", "mine"}})),
            (Env{{"FLAVOUR", "f"}, {"KEY", "mine"}, {"TOKEN", "mine"}}));
}

TEST(BaseEnv, KnowsWhatAllOfSeveralJobsGet) {
  const std::deque<Job> jobs = {job({}), job({{"KEY", "FLAVOUR"}}), job({{"KEY", "TOKEN"}})};
  EXPECT_EQ(k_base.shown_to_all(jobs), (Env{{"FLAVOUR", "f"}, {"KEY", "k"}}));
  EXPECT_EQ(k_base.shown_to_all({}), k_base.variables);
}

}  // namespace
}  // namespace jci
