// SPDX-License-Identifier: MIT
#include "jci/executors/docker/convert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/executors/docker/image.hpp"
#include "jci/executors/docker/targets.hpp"
#include "jci/util/text.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

json::array argv_of(const Command& command) {
  if (const auto* script = std::get_if<std::string>(&command)) return {"/bin/sh", "-c", *script};
  json::array argv;
  for (const std::string& word : std::get<std::vector<std::string>>(command))
    argv.emplace_back(word);
  return argv;
}

/// Networks that a user made: only these have names and endpoints of their own.
bool is_user_network(std::string_view network) {
  return network != "bridge" && network != "host" && network != "none" && network != "default" &&
         !network.starts_with("container:");
}

/// What a job's variables are made of, the later one winning.
class Variables {
 public:
  void lay_over(const Env& env) {
    for (const auto& [name, value] : env) assignments_[name] = fmt::format("{}={}", name, value);
  }
  /// `NAME=value`, or `NAME` to unset it.
  void lay_over(const json::array& assignments) {
    for (const json::value& each : assignments) {
      const std::string_view assignment = each.as_string();
      assignments_[std::string(assignment.substr(0, assignment.find('=')))] = assignment;
    }
  }
  json::array list() const {
    json::array list;
    for (const auto& each : assignments_) list.emplace_back(each.second);
    return list;
  }

 private:
  std::map<std::string, std::string> assignments_;
};

/// Builds one body, step by step, from what the user asks for and what the run gives.
class Body {
 public:
  Body(const Job& job, const Options& options, const Surroundings& surroundings)
      : job_(job),
        options_(options),
        run_(surroundings),
        config_(options.keywords.config),
        host_(options.keywords.host) {}

  json::object build() {
    config_["Image"] = job_.image();
    if (!std::holds_alternative<std::monostate>(job_.command))
      config_["Cmd"] = argv_of(job_.command);
    config_["AttachStdout"] = true;
    config_["AttachStderr"] = true;
    put_init();
    put_unless_said("WorkingDir", k_run_directory);
    if (!run_.user.empty()) put_unless_said("User", run_.user);
    put_variables();
    put_labels();
    put_mounts();
    put_exposed_ports();
    put_network();
    config_["HostConfig"] = std::move(host_);
    return std::move(config_);
  }

 private:
  void put_unless_said(std::string_view field, std::string_view value) {
    if (!config_.contains(field)) config_[field] = value;
  }

  /// A shell that is the first process of its container ignores SIGTERM: each Ctrl-C, timeout and service would end with a wait for it.
  void put_init() {
    const bool is_shell = std::holds_alternative<std::string>(job_.command);
    if (is_shell && !host_.contains("Init")) host_["Init"] = true;
  }

  void put_variables() {
    Variables variables;
    // The files are the user's, and jobs run as whoever their image says: git would not read what belongs to somebody else.
    variables.lay_over(Env{{"GIT_CONFIG_COUNT", "1"},
                           {"GIT_CONFIG_KEY_0", "safe.directory"},
                           {"GIT_CONFIG_VALUE_0", "*"}});
    if (options_.use_config_proxy) variables.lay_over(run_.proxy_env);
    variables.lay_over(run_.base_env.of(job_));
    if (const json::value* asked = config_.if_contains("Env"))
      variables.lay_over(asked->as_array());
    config_["Env"] = variables.list();
  }

  void put_labels() {
    json::value& labels = config_["Labels"];
    if (labels.is_null()) labels.emplace_object();
    for (const auto& [name, value] : run_.labels) labels.as_object()[name] = value;
  }

  void put_mounts() {
    const std::set<std::string> taken = mount_targets(host_);
    json::value& mounts = host_["Mounts"];
    if (mounts.is_null()) mounts.emplace_array();
    mounts.as_array().push_back(workspace());
    for (const auto& [target, source] : run_.git_objects)
      put_bind(mounts.as_array(), taken, source, target, true);
    if (!options_.docker_socket || !run_.docker_socket) return;
    put_bind(mounts.as_array(), taken, *run_.docker_socket, k_socket_target, false);
    if (run_.docker_cli)
      put_bind(mounts.as_array(), taken, *run_.docker_cli, k_docker_cli_target, true);
  }

  json::object workspace() const {
    if (run_.workspace.kind == WorkspaceMount::Kind::directory)
      return {{"Type", "bind"}, {"Source", run_.workspace.source}, {"Target", k_run_directory}};
    return {{"Type", "volume"},
            {"Source", run_.workspace.source},
            {"Target", k_run_directory},
            {"VolumeOptions", {{"NoCopy", true}}}};
  }

  /// Where the user mounts something of his own, that is what he wants.
  static void put_bind(json::array& mounts, const std::set<std::string>& taken,
                       const std::string& source, std::string_view target, bool read_only) {
    if (taken.contains(std::string(target))) return;
    mounts.push_back(json::object{
        {"Type", "bind"}, {"Source", source}, {"Target", target}, {"ReadOnly", read_only}});
  }

  void put_exposed_ports() {
    const json::value* ports = host_.if_contains("PortBindings");
    if (ports == nullptr) return;
    json::object& exposed = config_["ExposedPorts"].emplace_object();
    for (const auto& port : ports->as_object()) exposed[port.key()] = json::object();
  }

  void put_network() {
    json::value& mode = host_["NetworkMode"];
    if (is_disabled()) mode = "none";
    if (mode.is_null()) mode = run_.network;
    const std::string network(mode.as_string());
    if (!is_user_network(network)) return;
    json::object endpoint = endpoint_of(network);
    if (!endpoint.empty())
      config_["NetworkingConfig"] = {{"EndpointsConfig", {{network, std::move(endpoint)}}}};
  }

  bool is_disabled() const {
    const json::value* disabled = config_.if_contains("NetworkDisabled");
    return disabled != nullptr && disabled->as_bool();
  }

  json::object endpoint_of(std::string_view network) {
    json::object endpoint;
    if (const json::value* asked = config_.if_contains("NetworkingConfig"))
      if (const json::value* given = asked->at("EndpointsConfig").as_object().if_contains(network))
        endpoint = given->as_object();
    // The links of `HostConfig` are for the default bridge alone.
    if (json::value* links = host_.if_contains("Links")) {
      endpoint["Links"] = std::move(*links);
      host_.erase("Links");
    }
    if (job_.is_service()) add_alias(endpoint["Aliases"]);
    return endpoint;
  }

  void add_alias(json::value& aliases) const {
    if (!aliases.is_array()) aliases.emplace_array();
    aliases.as_array().emplace_back(service_alias(job_));
  }

  const Job& job_;
  const Options& options_;
  const Surroundings& run_;
  json::object config_;
  json::object host_;
};

[[noreturn]] void reject(const Job& job, std::string_view why) {
  throw BadConfig(fmt::format("job `{}`: {}", job.name, why));
}

/// Engine requests are JSON, which is UTF-8; processes take texts that end at a NUL byte.
void check_text(const Job& job, std::string_view what, const std::string& text) {
  if (text.contains('\0'))
    reject(job, fmt::format("{} has a NUL byte, which no process can be given", what));
  if (to_valid_utf8(text) != text)
    reject(job, fmt::format(
                    "{} is not UTF-8, which engines cannot take; put it into a file of the commit",
                    what));
}

void check_command(const Job& job) {
  if (const auto* script = std::get_if<std::string>(&job.command))
    check_text(job, "the command", *script);
  if (const auto* argv = std::get_if<std::vector<std::string>>(&job.command))
    for (const std::string& word : *argv) check_text(job, "the command", word);
}

}  // namespace

std::string container_name(std::string_view run_id, const Job& job) {
  return fmt::format("jayporeci__job__{}__{}", run_id, job.name);
}

std::string service_alias(const Job& job) { return lower_case(job.name); }

bool needs_own_network(const Job& job, const Options& options) {
  return job.is_service() || options.keywords.network_like;
}

bool shares_volumes(const Options& options) {
  const auto is_given = [&](const char* key) { return options.keywords.host.contains(key); };
  return is_given("Binds") || is_given("Mounts") || is_given("VolumesFrom");
}

boost::json::object create_body(const Job& job, const Options& options,
                                const Surroundings& surroundings) {
  return Body(job, options, surroundings).build();
}

void check_job(const Job& job) {
  options_of(job);
  const auto image = parse_image(job.image());
  if (!image) reject(job, fmt::format("`image` {}", image.error()));
  check_command(job);
  for (const auto& [name, value] : job.env())
    check_text(job, fmt::format("the variable `{}`", to_valid_utf8(name)),
               fmt::format("{}={}", name, value));
}

}  // namespace jci::docker
