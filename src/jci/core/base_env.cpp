// SPDX-License-Identifier: MIT
#include "jci/core/base_env.hpp"

#include <algorithm>
#include <vector>

namespace jci {

Env BaseEnv::shown_to(const Job& job) const {
  const auto& wanted = job.settings->secrets;
  if (!wanted) return variables;
  Env env = variables;
  std::erase_if(env, [&](const auto& variable) {
    return secrets.contains(variable.first) &&
           std::ranges::find(*wanted, variable.first) == wanted->end();
  });
  return env;
}

Env BaseEnv::shown_to_all(const std::deque<Job>& jobs) const {
  Env env = variables;
  for (const Job& job : jobs) {
    if (!job.settings->secrets) continue;
    const Env shown = shown_to(job);
    std::erase_if(env, [&](const auto& variable) { return !shown.contains(variable.first); });
  }
  return env;
}

Env BaseEnv::of(const Job& job) const {
  Env env = shown_to(job);
  for (const auto& [name, value] : job.env()) env.insert_or_assign(name, value);
  return env;
}

}  // namespace jci
