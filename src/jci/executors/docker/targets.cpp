// SPDX-License-Identifier: MIT
#include "jci/executors/docker/targets.hpp"

#include <string_view>

namespace jci::docker {
namespace {

std::string without_last_slashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

/// Of `source:target`, `source:target:mode` or `target`.
std::string_view bind_target(std::string_view bind) {
  const auto colon = bind.find(':');
  if (colon == std::string_view::npos) return bind;
  const auto target = bind.substr(colon + 1);
  return target.substr(0, target.find(':'));
}

}  // namespace

std::set<std::string> mount_targets(const boost::json::object& host) {
  std::set<std::string> targets;
  if (const auto* binds = host.if_contains("Binds"))
    for (const auto& bind : binds->as_array())
      targets.insert(without_last_slashes(bind_target(bind.as_string())));
  if (const auto* mounts = host.if_contains("Mounts"))
    for (const auto& mount : mounts->as_array())
      targets.insert(without_last_slashes(mount.at("Target").as_string()));
  if (const auto* tmpfs = host.if_contains("Tmpfs"))
    for (const auto& each : tmpfs->as_object()) targets.insert(without_last_slashes(each.key()));
  return targets;
}

}  // namespace jci::docker
