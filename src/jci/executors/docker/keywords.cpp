// SPDX-License-Identifier: MIT
#include "jci/executors/docker/keywords.hpp"

#include <algorithm>
#include <string>

#include "jci/executors/docker/shapes.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;

enum class Place { config, host };

/// Whether giving a keyword means that the container cannot share another one's network namespace.
enum class Network { any, own };

struct Keyword {
  std::string_view name;
  Place place;
  std::string_view field;
  json::value (*convert)(const Reading&);
  Network network = Network::any;
};

constexpr auto k_config = Place::config;
constexpr auto k_host = Place::host;
constexpr auto k_own = Network::own;

// Sorted by name. A field's name is the engine's.
constexpr Keyword k_keywords[] = {
    {"blkio_weight", k_host, "BlkioWeight", whole<0, 1000>},
    {"blkio_weight_device", k_host, "BlkioWeightDevice", device_weights},
    {"cap_add", k_host, "CapAdd", texts},
    {"cap_drop", k_host, "CapDrop", texts},
    {"cgroup_parent", k_host, "CgroupParent", text},
    {"cgroupns", k_host, "CgroupnsMode", cgroup_namespace},
    {"cpu_count", k_host, "CpuCount", whole<0>},
    {"cpu_percent", k_host, "CpuPercent", whole<0, 100>},
    {"cpu_period", k_host, "CpuPeriod", whole<0>},
    {"cpu_quota", k_host, "CpuQuota", whole<-1>},
    {"cpu_rt_period", k_host, "CPURealtimePeriod", whole<0>},
    {"cpu_rt_runtime", k_host, "CPURealtimeRuntime", whole<0>},
    {"cpu_shares", k_host, "CpuShares", whole<0>},
    {"cpuset_cpus", k_host, "CpusetCpus", text},
    {"cpuset_mems", k_host, "CpusetMems", text},
    {"device_cgroup_rules", k_host, "DeviceCgroupRules", texts},
    {"device_read_bps", k_host, "BlkioDeviceReadBps", device_rates},
    {"device_read_iops", k_host, "BlkioDeviceReadIOps", device_rates},
    {"device_requests", k_host, "DeviceRequests", device_requests},
    {"device_write_bps", k_host, "BlkioDeviceWriteBps", device_rates},
    {"device_write_iops", k_host, "BlkioDeviceWriteIOps", device_rates},
    {"devices", k_host, "Devices", devices},
    {"dns", k_host, "Dns", texts, k_own},
    {"dns_opt", k_host, "DnsOptions", texts, k_own},
    {"dns_search", k_host, "DnsSearch", texts, k_own},
    {"domainname", k_config, "Domainname", text, k_own},
    {"entrypoint", k_config, "Entrypoint", words},
    {"environment", k_config, "Env", environment},
    {"extra_hosts", k_host, "ExtraHosts", pairs, k_own},
    {"group_add", k_host, "GroupAdd", scalars},
    {"healthcheck", k_config, "Healthcheck", healthcheck},
    {"hostname", k_config, "Hostname", text, k_own},
    {"init", k_host, "Init", flag},
    {"ipc_mode", k_host, "IpcMode", text},
    {"isolation", k_host, "Isolation", text},
    {"kernel_memory", k_host, "KernelMemory", size<0>},
    {"labels", k_config, "Labels", labels},
    {"links", k_host, "Links", links, k_own},
    {"log_config", k_host, "LogConfig", log_config},
    {"mac_address", k_config, "MacAddress", text, k_own},
    {"mem_limit", k_host, "Memory", size<0>},
    {"mem_reservation", k_host, "MemoryReservation", size<0>},
    {"mem_swappiness", k_host, "MemorySwappiness", whole<-1, 100>},
    {"memswap_limit", k_host, "MemorySwap", size<-1>},
    {"mounts", k_host, "Mounts", mounts},
    {"nano_cpus", k_host, "NanoCpus", whole<0>},
    {"network", k_host, "NetworkMode", name, k_own},
    {"network_disabled", k_config, "NetworkDisabled", flag, k_own},
    {"network_mode", k_host, "NetworkMode", name, k_own},
    {"networking_config", k_config, "NetworkingConfig", networking_config, k_own},
    {"oom_kill_disable", k_host, "OomKillDisable", flag},
    {"oom_score_adj", k_host, "OomScoreAdj", whole<-1000, 1000>},
    {"pid_mode", k_host, "PidMode", text},
    {"pids_limit", k_host, "PidsLimit", whole<-1>},
    {"ports", k_host, "PortBindings", ports, k_own},
    {"privileged", k_host, "Privileged", flag, k_own},
    {"publish_all_ports", k_host, "PublishAllPorts", flag, k_own},
    {"read_only", k_host, "ReadonlyRootfs", flag},
    {"restart_policy", k_host, "RestartPolicy", restart_policy},
    {"runtime", k_host, "Runtime", text, k_own},
    {"security_opt", k_host, "SecurityOpt", texts},
    {"shm_size", k_host, "ShmSize", size<0>},
    {"stdin_open", k_config, "OpenStdin", flag},
    {"stop_signal", k_config, "StopSignal", scalar},
    {"storage_opt", k_host, "StorageOpt", scalars_by_name},
    {"sysctls", k_host, "Sysctls", scalars_by_name},
    {"tmpfs", k_host, "Tmpfs", tmpfs},
    {"tty", k_config, "Tty", flag},
    {"ulimits", k_host, "Ulimits", ulimits},
    {"user", k_config, "User", scalar},
    {"userns_mode", k_host, "UsernsMode", only_host},
    {"uts_mode", k_host, "UTSMode", only_host},
    {"volume_driver", k_host, "VolumeDriver", text},
    {"volumes", k_host, "Binds", volumes},
    {"volumes_from", k_host, "VolumesFrom", names},
    {"working_dir", k_config, "WorkingDir", absolute_path},
};

/// What says how docker-py itself is to behave: there is nothing in it for us, and no harm.
struct Idle {
  std::string_view name;
  json::value (*check)(const Reading&);
};
constexpr Idle k_idle[] = {
    {"auto_remove", flag}, {"detach", flag}, {"remove", flag},  {"stderr", flag},
    {"stdout", flag},      {"stream", flag}, {"version", text},
};

struct Refused {
  std::string_view name;
  std::string_view why;
};
constexpr Refused k_refused[] = {
    {"command", "is the job's own: `p.job(name, command)`"},
    {"image", "is the job's own argument: `p.job(name, command, image=...)`"},
    {"init_path", "is not supported by any engine since Docker 17.05; use `init`"},
    {"lxc_conf", "is not supported by any engine since Docker 1.10"},
    {"name",
     "cannot be chosen: it tells the containers of different runs apart; a service is reached by "
     "its job name"},
};

bool is_said(const json::value& value) {
  if (const auto* flag = value.if_bool()) return *flag;
  if (const auto* text = value.if_string()) return !text->empty();
  if (const auto* list = value.if_array()) return !list->empty();
  if (const auto* dict = value.if_object()) return !dict->empty();
  return true;
}

bool is_network_capability(std::string_view name) {
  std::string upper;
  for (const char c : name) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (upper.starts_with("CAP_")) upper.erase(0, 4);
  return upper == "ALL" || upper == "NET_ADMIN";
}

bool asks_for_own_network(const Keyword& keyword, const json::value& value) {
  if (keyword.network == Network::own) return is_said(value);
  if (keyword.name == "cap_add")
    return std::ranges::any_of(value.as_array(), [](const json::value& capability) {
      return is_network_capability(capability.as_string());
    });
  if (keyword.name == "sysctls")
    return std::ranges::any_of(value.as_object(),
                               [](const auto& each) { return each.key().starts_with("net."); });
  return false;
}

void take(const Keyword& keyword, const Reading& argument, Keywords& into) {
  json::value value = keyword.convert(argument);
  into.network_like |= asks_for_own_network(keyword, value);
  (keyword.place == k_config ? into.config : into.host)[keyword.field] = std::move(value);
}

template <class Table>
auto* find(const Table& table, std::string_view name) {
  const auto* found = std::ranges::find(table, name, [](const auto& each) { return each.name; });
  return found == std::end(table) ? nullptr : found;
}

}  // namespace

bool read_keyword(std::string_view name, const Reading& value, Keywords& into) {
  if (const auto* refused = find(k_refused, name)) value.reject(refused->why);
  if (const auto* idle = find(k_idle, name)) return idle->check(value), true;
  const auto* keyword = find(k_keywords, name);
  if (keyword != nullptr) take(*keyword, value, into);
  return keyword != nullptr;
}

std::vector<std::string_view> known_keywords() {
  std::vector<std::string_view> names;
  for (const auto& each : k_keywords) names.push_back(each.name);
  for (const auto& each : k_idle) names.push_back(each.name);
  std::ranges::sort(names);
  return names;
}

}  // namespace jci::docker
