// SPDX-License-Identifier: MIT
#include "jci/run/job_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/run/secrets.hpp"

namespace jci::run {
namespace {

// What of JAYPORE_* no job gets: ours alone, and the secrets of remotes. Jobs run the code of whoever made the commit, and their logs are kept; a job that
// does need to publish is given a secret by a variable of its own.
constexpr std::array<std::string_view, 8> k_for_us{
    "RUN",         "PYTHON",       "SECRETS",      "EMAIL_PASSWORD",
    "GITEA_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "TELEGRAM_TOKEN"};
// There may be several webhooks; a chat's URL is a secret itself.
constexpr std::string_view k_webhooks = "WEBHOOK";
constexpr std::string_view k_prefix = "JAYPORE_";

bool is_kept_from_jobs(std::string_view name) {
  return std::ranges::find(k_for_us, name) != k_for_us.end() || name.starts_with(k_webhooks);
}

[[noreturn]] void refuse(const Job& job, const std::string& secret, const BaseEnv& env) {
  const std::string start = fmt::format("job `{}`: `secrets` has {}, ", job.name, ticked(secret));
  if (is_kept_from_jobs(secret))
    throw BadConfig(
        start +
        "which no job gets, as it is for us or for a remote; give the job a variable of its own");
  std::vector<std::string_view> known;
  for (const auto& [name, value] : env.variables) known.push_back(name);
  const std::string guess = did_you_mean(secret, known);
  throw BadConfig(
      start +
      fmt::format(
          "but there is no variable `JAYPORE_{}`{}", secret,
          guess.empty()
              ? "; set it, as `jci secrets exec ENV -- jci run` does, or take it out of the list"
              : guess));
}

}  // namespace

BaseEnv base_environment(const char* const* environment) {
  const auto secret = secret_names(environment);
  BaseEnv env;
  for (; *environment != nullptr; ++environment) {
    std::string_view entry = *environment;
    const std::size_t equals = entry.find('=');
    if (!entry.starts_with(k_prefix) || equals == std::string_view::npos ||
        equals == k_prefix.size())
      continue;
    const std::string name(entry.substr(k_prefix.size(), equals - k_prefix.size()));
    if (is_kept_from_jobs(name)) continue;
    env.variables.emplace(name, entry.substr(equals + 1));
    if (secret.contains(entry.substr(0, equals))) env.secrets.insert(name);
  }
  return env;
}

void check_secrets_of_jobs(const Pipeline& pipeline, const BaseEnv& env) {
  for (const Job& job : pipeline.jobs()) {
    if (!job.settings->secrets) continue;
    for (const std::string& secret : *job.settings->secrets)
      if (!env.variables.contains(secret)) refuse(job, secret, env);
  }
}

}  // namespace jci::run
