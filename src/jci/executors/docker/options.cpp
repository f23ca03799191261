// SPDX-License-Identifier: MIT
#include "jci/executors/docker/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/executors/docker/ready.hpp"
#include "jci/executors/docker/targets.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;

constexpr double k_longest_wait_s = 24 * 3600;

void read_docker_socket(const Reading& argument, Options& options) {
  options.docker_socket = argument.flag();
}

void read_platform(const Reading& argument, Options& options) {
  options.platform = argument.text();
}

void read_pull(const Reading& argument, Options& options) {
  const std::string& given = argument.text();
  if (given == "always") {
    options.pull = Pull::always;
  } else if (given == "missing") {
    options.pull = Pull::missing;
  } else if (given == "never") {
    options.pull = Pull::never;
  } else {
    argument.reject(fmt::format("takes \"always\", \"missing\" or \"never\", not \"{}\"", given));
  }
}

void read_ready_check(const Reading& argument, Options& options) {
  options.ready = read_ready(argument);
}

void read_ready_timeout(const Reading& argument, Options& options) {
  const auto* whole = argument.get_if<std::int64_t>();
  const auto* number = argument.get_if<double>();
  if (whole == nullptr && number == nullptr) argument.expect("seconds as an int or a float");
  const double seconds = whole != nullptr ? static_cast<double>(*whole) : *number;
  if (!(seconds > 0 && seconds <= k_longest_wait_s))
    argument.reject(fmt::format("takes seconds above 0 and at most {} (a day), not {}",
                                k_longest_wait_s, argument.scalar()));
  options.ready_timeout = Milliseconds(std::max<std::int64_t>(1, std::llround(seconds * 1000)));
}

void read_use_config_proxy(const Reading& argument, Options& options) {
  options.use_config_proxy = argument.flag();
}

/// What says how we run a container rather than what is in it.
struct Own {
  std::string_view name;
  void (*read)(const Reading&, Options&);
};
constexpr Own k_own[] = {
    {"docker_socket", read_docker_socket},
    {"platform", read_platform},
    {"pull", read_pull},
    {"ready", read_ready_check},
    {"ready_timeout", read_ready_timeout},
    {"use_config_proxy", read_use_config_proxy},
};

[[noreturn]] void reject(const Job& job, std::string_view why) {
  throw BadConfig(fmt::format("job `{}`: {}", job.name, why));
}

[[noreturn]] void reject_unknown(const Job& job, std::string_view name) {
  std::vector<std::string_view> known = known_keywords();
  for (const Own& own : k_own) known.push_back(own.name);
  std::ranges::sort(known);
  std::string hint = did_you_mean(name, known);
  if (hint.empty()) hint = "; it takes what docker-py's `containers.run` takes";
  reject(job, fmt::format("unknown `executor_kwargs` entry {}{}", ticked(name), hint));
}

void read_one(const Job& job, std::string_view name, const Value& value, Options& options) {
  const Reading argument(job.name, name, value);
  const auto* own = std::ranges::find(k_own, name, &Own::name);
  if (own != std::end(k_own)) return own->read(argument, options);
  if (!read_keyword(name, argument, options.keywords)) reject_unknown(job, name);
}

bool says(const Job& job, const std::string& name) {
  const auto& given = job.settings->executor_kwargs;
  const auto found = given.find(name);
  return found != given.end() && !std::holds_alternative<std::monostate>(found->second.data);
}

bool is_true(const json::object& fields, std::string_view name) {
  const json::value* value = fields.if_contains(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

void check_network(const Job& job, const Keywords& keywords) {
  if (says(job, "network") && says(job, "network_mode"))
    reject(job, "`network` and `network_mode` exclude each other; say one");
  if (const json::value* configured = keywords.config.if_contains("NetworkingConfig")) {
    const auto& networks = configured->at("EndpointsConfig").as_object();
    if (!says(job, "network") || !networks.contains(keywords.host.at("NetworkMode").as_string()))
      reject(job, "`networking_config` is about the network that `network` names; name it there");
  }
  const json::value* mode = keywords.host.if_contains("NetworkMode");
  if (mode != nullptr && mode->as_string() == "host" && says(job, "ports"))
    reject(job,
           "`ports` cannot be published from the network of the host, whose ports they are "
           "already; leave one out");
}

void check_network_disabled(const Job& job, const Keywords& keywords) {
  if (!is_true(keywords.config, "NetworkDisabled")) return;
  if (job.is_service())
    reject(job, "a service with `network_disabled` could not be reached; leave one out");
  for (const char* other : {"network", "network_mode", "ports"})
    if (says(job, other))
      reject(job, fmt::format("`network_disabled` and `{}` exclude each other; say one", other));
}

void check_restart(const Job& job, const Keywords& keywords) {
  const json::value* policy = keywords.host.if_contains("RestartPolicy");
  const json::value* name = policy == nullptr ? nullptr : policy->as_object().if_contains("Name");
  if (name == nullptr || name->as_string().empty() || name->as_string() == "no" || job.is_service())
    return;
  reject(job, "`restart_policy` is for services: a job that is started again would never end");
}

void check_labels(const Job& job, const Keywords& keywords) {
  const json::value* labels = keywords.config.if_contains("Labels");
  if (labels == nullptr) return;
  for (const auto& [name, value] : labels->as_object())
    if (name.starts_with(k_label_prefix))
      reject(job, fmt::format("`labels` has `{}`, but what begins with `{}` is how a run finds its "
                              "containers; take another name",
                              std::string_view(name), k_label_prefix));
}

void check_targets(const Job& job, const Keywords& keywords) {
  if (mount_targets(keywords.host).contains(std::string(k_run_directory)))
    reject(job, fmt::format("something else is mounted to `{}`, where all jobs find the run's "
                            "files; take another place",
                            k_run_directory));
}

}  // namespace

Options options_of(const Job& job) {
  Options options;
  for (const auto& [name, value] : job.settings->executor_kwargs)
    if (!std::holds_alternative<std::monostate>(value.data)) read_one(job, name, value, options);
  check_network(job, options.keywords);
  check_network_disabled(job, options.keywords);
  check_restart(job, options.keywords);
  check_labels(job, options.keywords);
  check_targets(job, options.keywords);
  if (!job.is_service()) options.ready = {};
  return options;
}

}  // namespace jci::docker
