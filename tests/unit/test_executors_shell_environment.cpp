// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "jci/executors/shell_environment.hpp"

namespace jci {
namespace {

struct Case {
  const char* what;
  Env inherited;
  Env base;
  Env job;
  Env expected;  ///< beside those that every job has
};

const Case k_cases[] = {
    {"the machine's own variables are there",
     {{"PATH", "/usr/bin"}, {"HOME", "/home/me"}, {"LC_ALL", "C"}, {"SSH_AUTH_SOCK", "/s"}},
     {},
     {},
     {{"CI", "true"},
      {"PATH", "/usr/bin"},
      {"HOME", "/home/me"},
      {"LC_ALL", "C"},
      {"SSH_AUTH_SOCK", "/s"}}},
    {"ours are not",
     {{"JAYPORE_TOKEN", "x"}, {"JAYPORE_", "x"}, {"_JCI", "{}"}},
     {},
     {},
     {{"CI", "true"}}},
    {"those of a git hook are not, other variables of git are",
     {{"GIT_DIR", ".git"},
      {"GIT_INDEX_FILE", "i"},
      {"GIT_QUARANTINE_PATH", "q"},
      {"GIT_AUTHOR_NAME", "me"}},
     {},
     {},
     {{"CI", "true"}, {"GIT_AUTHOR_NAME", "me"}}},
    {"nor is where somebody else stands",
     {{"PWD", "/home/me"}, {"OLDPWD", "/"}},
     {},
     {},
     {{"CI", "true"}}},
    {"the run's win over the machine's",
     {{"A", "machine"}},
     {{"A", "run"}},
     {},
     {{"A", "run"}, {"CI", "true"}}},
    {"the job's win over the run's",
     {{"A", "machine"}},
     {{"A", "run"}},
     {{"A", "job"}},
     {{"A", "job"}, {"CI", "true"}}},
    {"a job may say that it is not in CI", {{"CI", "1"}}, {}, {{"CI", ""}}, {{"CI", ""}}},
    {"where the Workspace is cannot be changed",
     {},
     {{"JAYPORE_RUN", "/x"}},
     {{"PWD", "/x"}},
     {{"CI", "true"}}},
};

Env env_of(const VariableBlock& block) {
  Env env;
  std::uint32_t count = 0;
  for (std::size_t at = 0; at < block.text.size(); ++count) {
    const std::string line = block.text.c_str() + at;
    const std::size_t equals = line.find('=');
    EXPECT_TRUE(env.emplace(line.substr(0, equals), line.substr(equals + 1)).second) << line;
    at += line.size() + 1;
  }
  EXPECT_EQ(block.count, count);
  return env;
}

TEST(ShellEnvironment, IsTheMachinesThenTheRunsThenTheJobs) {
  for (const Case& each : k_cases) {
    RunContext context;
    context.info.pipe_id = "0123456789";
    context.workspace = "/ws";
    context.base_env.variables = each.base;
    Settings settings;
    settings.env = each.job;
    const Job job{.id = 7,
                  .stage = 0,
                  .name = "job",
                  .command = {},
                  .depends_on = {},
                  .settings = std::make_shared<const Settings>(settings)};
    Env expected = each.expected;
    expected.insert({{"PWD", "/ws"}, {"JAYPORE_RUN", "/ws"}, {"JAYPORE_JOB_ID", "0123456789.7"}});
    EXPECT_EQ(env_of(ShellEnvironment(each.inherited, context).of(job)), expected) << each.what;
  }
}

TEST(ShellEnvironment, HasOfTheRunsSecretsWhatTheJobNeeds) {
  RunContext context;
  context.base_env = {.variables = {{"TOKEN", "t"}, {"KEY", "k"}, {"PLAIN", "p"}},
                      .secrets = {"TOKEN", "KEY"}};
  Settings settings;
  settings.secrets = {"KEY"};
  const Job job{.id = 0,
                .stage = 0,
                .name = "job",
                .command = {},
                .depends_on = {},
                .settings = std::make_shared<const Settings>(settings)};
  const Env env = env_of(ShellEnvironment({}, context).of(job));
  EXPECT_FALSE(env.contains("TOKEN"));
  EXPECT_EQ(env.at("KEY"), "k");
  EXPECT_EQ(env.at("PLAIN"), "p");
}

}  // namespace
}  // namespace jci
