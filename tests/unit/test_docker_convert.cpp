// SPDX-License-Identifier: MIT
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <ostream>
#include <random>
#include <span>
#include <string>

#include "jci/core/errors.hpp"
#include "jci/executors/docker/convert.hpp"
#include "jci/executors/docker/image.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// JSON as the argument that Python would make of it.
Value to_value(const json::value& given) {
  if (given.is_null()) return {};
  if (const auto* flag = given.if_bool()) return {*flag};
  if (const auto* number = given.if_int64()) return {*number};
  if (const auto* number = given.if_double()) return {*number};
  if (const auto* text = given.if_string()) return {std::string(*text)};
  if (const auto* list = given.if_array()) {
    Value::List items;
    for (const auto& item : *list) items.push_back(to_value(item));
    return {items};
  }
  Value::Dict dict;
  for (const auto& [key, value] : given.as_object()) dict.emplace(key, to_value(value));
  return {dict};
}

Job job_with(Value::Dict kwargs, bool is_service = false) {
  auto settings = std::make_shared<Settings>();
  settings->image = "python:3.11";
  settings->is_service = is_service;
  settings->env = {{"A", "job"}, {"B", "job"}};
  settings->executor_kwargs = std::move(kwargs);
  Job job;
  job.name = "Unit-Test";
  job.command = "pytest tests";
  job.settings = std::move(settings);
  return job;
}

Job job_of(std::string_view kwargs, bool is_service = false) {
  return job_with(std::get<Value::Dict>(to_value(json::parse(kwargs)).data), is_service);
}

Surroundings surroundings() {
  Surroundings run;
  run.labels = {{"in.jayporeci.run", "0123456789"}, {"in.jayporeci.job", "Unit-Test"}};
  run.network = "jayporeci__net__0123456789";
  run.workspace = {WorkspaceMount::Kind::directory, "/srv/work space:1"};
  run.base_env.variables = {{"A", "run"}, {"C", "run"}};
  return run;
}

json::object body_of(const Job& job, const Surroundings& run = surroundings()) {
  return create_body(job, options_of(job), run);
}

/// Fields of `changes` laid over `into`, objects field by field; null takes a field away.
void lay_over(json::object& into, const json::object& changes) {
  for (const auto& [key, change] : changes) {
    json::value& field = into[key];
    if (change.is_null()) {
      into.erase(key);
    } else if (change.is_object() && field.is_object()) {
      lay_over(field.as_object(), change.as_object());
    } else {
      field = change;
    }
  }
}

/// What has every job's git read files that are somebody else's.
constexpr std::array k_git_variables{"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory",
                                     "GIT_CONFIG_VALUE_0=*"};

/// The body of a job that asks for nothing, with `changes`; its variables and those of every job.
json::object plain_body(std::string_view changes = "{}") {
  json::object body = json::parse(R"({
    "Image": "python:3.11",
    "Cmd": ["/bin/sh", "-c", "pytest tests"],
    "AttachStdout": true,
    "AttachStderr": true,
    "WorkingDir": "/jaypore_ci/run",
    "Env": ["A=job", "B=job", "C=run"],
    "Labels": {"in.jayporeci.run": "0123456789", "in.jayporeci.job": "Unit-Test"},
    "HostConfig": {
      "Init": true,
      "Mounts": [{"Type": "bind", "Source": "/srv/work space:1", "Target": "/jaypore_ci/run"}],
      "NetworkMode": "jayporeci__net__0123456789"
    }
  })")
                          .as_object();
  lay_over(body, json::parse(changes).as_object());
  json::array& variables = body["Env"].as_array();
  for (const char* const variable : k_git_variables) variables.emplace_back(variable);
  std::ranges::sort(variables, std::less<>(),
                    [](const json::value& each) { return std::string(each.as_string()); });
  return body;
}

/// What is said about these arguments; "" where they are taken.
std::string complaint(const Job& job) {
  try {
    check_job(job);
    return "";
  } catch (const BadConfig& error) {
    return error.what();
  }
}

// ---- what every job gets

TEST(DockerBody, OfAJobThatAsksForNothing) { EXPECT_EQ(body_of(job_of("{}")), plain_body()); }

TEST(DockerBody, RunsAListAsItIs) {
  Job job = job_of("{}");
  job.command = std::vector<std::string>{"pytest", "-k", "a b"};
  EXPECT_EQ(body_of(job),
            plain_body(R"({"Cmd": ["pytest", "-k", "a b"], "HostConfig": {"Init": null}})"));
}

TEST(DockerBody, LeavesAServiceWithoutACommandToItsImage) {
  Job job = job_of("{}", true);
  job.command = {};
  EXPECT_EQ(
      body_of(job),
      plain_body(
          R"({"Cmd": null, "HostConfig": {"Init": null}, "NetworkingConfig": {"EndpointsConfig":
      {"jayporeci__net__0123456789": {"Aliases": ["unit-test"]}}}})"));
}

TEST(DockerBody, HasAVolumeWhereTheEngineDoesNotShareOurFiles) {
  Surroundings run = surroundings();
  run.workspace = {WorkspaceMount::Kind::volume, "jayporeci__run__0123456789"};
  EXPECT_EQ(body_of(job_of("{}"), run), plain_body(R"({"HostConfig": {"Mounts": [{"Type": "volume",
      "Source": "jayporeci__run__0123456789", "Target": "/jaypore_ci/run",
      "VolumeOptions": {"NoCopy": true}}]}})"));
}

TEST(DockerBody, SharesTheNetworkOfAnotherContainerWithoutAName) {
  Surroundings run = surroundings();
  run.network = "container:abc";
  EXPECT_EQ(body_of(job_of("{}"), run),
            plain_body(R"({"HostConfig": {"NetworkMode": "container:abc"}})"));
}

TEST(DockerBody, GivesTheRunsUserToJobsThatNameNone) {
  Surroundings run = surroundings();
  run.user = "1000:1000";
  EXPECT_EQ(body_of(job_of("{}"), run), plain_body(R"({"User": "1000:1000"})"));
  EXPECT_EQ(body_of(job_of(R"({"user": 0})"), run), plain_body(R"({"User": "0"})"));
}

TEST(DockerBody, LaysVariablesOverEachOther) {
  Surroundings run = surroundings();
  run.proxy_env = {{"C", "proxy"}, {"HTTP_PROXY", "http://p"}};
  EXPECT_EQ(
      body_of(job_of(R"({"environment": {"B": "kwargs", "D": 1.5, "E": true, "PATH": null}})"),
              run),
      plain_body(
          R"({"Env": ["A=job", "B=kwargs", "C=run", "D=1.5", "E=True", "HTTP_PROXY=http://p", "PATH"]})"));
  EXPECT_EQ(body_of(job_of(R"({"environment": ["B=a=b", "A"], "use_config_proxy": false})"), run),
            plain_body(R"({"Env": ["A", "B=a=b", "C=run"]})"));
}

TEST(DockerBody, LeavesGitsSettingsToTheUserWhoSaysSome) {
  const json::object body = body_of(job_of(R"({"environment": {"GIT_CONFIG_COUNT": "0"}})"));
  const json::array& variables = body.at("Env").as_array();
  EXPECT_EQ(std::ranges::count(variables, json::value("GIT_CONFIG_COUNT=0")), 1);
  EXPECT_EQ(std::ranges::count(variables, json::value("GIT_CONFIG_COUNT=1")), 0);
}

TEST(DockerBody, HasWhatTheGitOfTheWorkspaceReads) {
  Surroundings run = surroundings();
  run.git_objects = {{"/home/a/widgets/.git/objects", "/srv/widgets/.git/objects"}};
  EXPECT_EQ(body_of(job_of("{}"), run), plain_body(R"({"HostConfig": {"Mounts": [
      {"Type": "bind", "Source": "/srv/work space:1", "Target": "/jaypore_ci/run"},
      {"Type": "bind", "Source": "/srv/widgets/.git/objects", "Target": "/home/a/widgets/.git/objects",
       "ReadOnly": true}]}})"));
}

Surroundings with_docker() {
  Surroundings run = surroundings();
  run.docker_socket = "/run/user/1000/docker.sock";
  run.docker_cli = "/opt/docker";
  return run;
}

TEST(DockerBody, HasNoSecretThatTheJobDoesNotAskFor) {
  Surroundings run = surroundings();
  run.base_env.variables["TOKEN"] = "secret";
  run.base_env.secrets = {"C", "TOKEN"};
  Job job = job_of("{}");
  Settings settings = *job.settings;
  settings.secrets = {"TOKEN"};
  job.settings = std::make_shared<const Settings>(settings);
  EXPECT_EQ(body_of(job, run), plain_body(R"({"Env": ["A=job", "B=job", "TOKEN=secret"]})"));
}

TEST(DockerBody, HasTheEnginesSocketAndItsCommand) {
  EXPECT_EQ(body_of(job_of("{}"), with_docker()), plain_body(R"({"HostConfig": {"Mounts": [
      {"Type": "bind", "Source": "/srv/work space:1", "Target": "/jaypore_ci/run"},
      {"Type": "bind", "Source": "/run/user/1000/docker.sock", "Target": "/var/run/docker.sock", "ReadOnly": false},
      {"Type": "bind", "Source": "/opt/docker", "Target": "/usr/local/bin/docker", "ReadOnly": true}]}})"));
}

TEST(DockerBody, HasNoSocketWhereTheJobWantsNone) {
  EXPECT_EQ(body_of(job_of(R"({"docker_socket": false})"), with_docker()), plain_body());
}

TEST(DockerBody, LeavesASocketThatTheUserMountsAlone) {
  EXPECT_EQ(
      body_of(job_of(R"({"volumes": ["/var/run/docker.sock:/var/run/docker.sock"],
                              "mounts": [{"target": "/usr/local/bin/docker/", "source": "/d", "type": "bind"}]})"),
              with_docker()),
      plain_body(
          R"({"HostConfig": {"Binds": ["/var/run/docker.sock:/var/run/docker.sock"], "Mounts": [
      {"Type": "bind", "Source": "/d", "Target": "/usr/local/bin/docker/"},
      {"Type": "bind", "Source": "/srv/work space:1", "Target": "/jaypore_ci/run"}]}})"));
}

// ---- docker-py's keywords

struct KeywordCase {
  std::string_view kwargs;
  std::string_view changes;
  friend void PrintTo(const KeywordCase& each, std::ostream* out) { *out << each.kwargs; }
};

class DockerKeyword : public testing::TestWithParam<KeywordCase> {};

TEST_P(DockerKeyword, IsSaidInTheEnginesWords) {
  EXPECT_EQ(body_of(job_of(GetParam().kwargs)), plain_body(GetParam().changes));
}

constexpr KeywordCase k_config_cases[] = {
    {R"({"hostname": "h", "domainname": "d"})", R"({"Hostname": "h", "Domainname": "d"})"},
    {R"({"entrypoint": "tini -- 'a b' \"c\\\"d\" e\\ f ''"})",
     R"({"Entrypoint": ["tini", "--", "a b", "c\"d", "e f", ""]})"},
    {R"({"entrypoint": ["tini", "--"]})", R"({"Entrypoint": ["tini", "--"]})"},
    {R"({"entrypoint": ""})", R"({"Entrypoint": []})"},
    {R"({"healthcheck": {"test": "pg_isready", "interval": 1e9, "retries": 3}})",
     R"({"Healthcheck": {"Test": ["CMD-SHELL", "pg_isready"], "Interval": 1000000000, "Retries": 3}})"},
    {R"({"healthcheck": {"Test": ["CMD", "x"], "Interval": null, "Timeout": 0, "StartPeriod": 1000000}})",
     R"({"Healthcheck": {"Test": ["CMD", "x"], "Timeout": 0, "StartPeriod": 1000000}})"},
    {R"({"labels": {"a": "b", "n": 1}})", R"({"Labels": {"a": "b", "n": "1"}})"},
    {R"({"labels": ["a"]})", R"({"Labels": {"a": ""}})"},
    {R"({"mac_address": "02:42:ac:11:00:02"})", R"({"MacAddress": "02:42:ac:11:00:02"})"},
    {R"({"stdin_open": true, "tty": true, "stop_signal": "SIGINT"})",
     R"({"OpenStdin": true, "Tty": true, "StopSignal": "SIGINT"})"},
    {R"({"user": "nobody", "working_dir": "/src"})", R"({"User": "nobody", "WorkingDir": "/src"})"},
    {R"({"network_disabled": true})",
     R"({"NetworkDisabled": true, "HostConfig": {"NetworkMode": "none"}})"},
    {R"({"network_disabled": false})", R"({"NetworkDisabled": false})"},
    {R"({"platform": "linux/arm64", "pull": "never", "ready": 80, "ready_timeout": 1})", "{}"},
    {R"({"detach": true, "remove": true, "auto_remove": true, "stdout": true, "stderr": false, "stream": true, "version": "auto"})",
     "{}"},
    {R"({"mem_limit": null, "tty": null})", "{}"},
};
INSTANTIATE_TEST_SUITE_P(Config, DockerKeyword, testing::ValuesIn(k_config_cases));

constexpr KeywordCase k_limit_cases[] = {
    {R"({"mem_limit": "512m", "mem_reservation": "1.5g", "memswap_limit": -1, "kernel_memory": "64KB", "shm_size": "1048576"})",
     R"({"HostConfig": {"Memory": 536870912, "MemoryReservation": 1610612736, "MemorySwap": -1, "KernelMemory": 65536, "ShmSize": 1048576}})"},
    {R"({"mem_limit": 9007199254740993, "shm_size": 65536.0, "mem_reservation": "10b"})",
     R"({"HostConfig": {"Memory": 9007199254740993, "ShmSize": 65536, "MemoryReservation": 10}})"},
    {R"({"mem_swappiness": 0, "oom_kill_disable": true, "oom_score_adj": -500, "pids_limit": -1})",
     R"({"HostConfig": {"MemorySwappiness": 0, "OomKillDisable": true, "OomScoreAdj": -500, "PidsLimit": -1}})"},
    {R"({"nano_cpus": 500000000, "cpu_period": 100000, "cpu_quota": 50000, "cpu_shares": 512, "cpu_count": 1, "cpu_percent": 50})",
     R"({"HostConfig": {"NanoCpus": 500000000, "CpuPeriod": 100000, "CpuQuota": 50000, "CpuShares": 512, "CpuCount": 1, "CpuPercent": 50}})"},
    {R"({"cpu_rt_period": 1000000, "cpu_rt_runtime": 950000, "cpuset_cpus": "0-3", "cpuset_mems": "0,1"})",
     R"({"HostConfig": {"CPURealtimePeriod": 1000000, "CPURealtimeRuntime": 950000, "CpusetCpus": "0-3", "CpusetMems": "0,1"}})"},
    {R"({"blkio_weight": 300, "blkio_weight_device": [{"Path": "/dev/sda", "Weight": 400}]})",
     R"({"HostConfig": {"BlkioWeight": 300, "BlkioWeightDevice": [{"Path": "/dev/sda", "Weight": 400}]}})"},
    {R"({"device_read_bps": [{"Path": "/dev/sda", "Rate": 1000}], "device_write_bps": [{"Path": "/dev/sda", "Rate": 2000}]})",
     R"({"HostConfig": {"BlkioDeviceReadBps": [{"Path": "/dev/sda", "Rate": 1000}], "BlkioDeviceWriteBps": [{"Path": "/dev/sda", "Rate": 2000}]}})"},
    {R"({"device_read_iops": [{"Path": "/dev/sda", "Rate": 10}], "device_write_iops": [{"Path": "/dev/sda", "Rate": 20}]})",
     R"({"HostConfig": {"BlkioDeviceReadIOps": [{"Path": "/dev/sda", "Rate": 10}], "BlkioDeviceWriteIOps": [{"Path": "/dev/sda", "Rate": 20}]}})"},
    {R"({"ulimits": [{"name": "nofile", "soft": 1024, "hard": 2048}, {"Name": "nproc", "Soft": 64, "Hard": null}, {"name": "core", "hard": -1}]})",
     R"({"HostConfig": {"Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 2048}, {"Name": "nproc", "Soft": 64, "Hard": 64}, {"Name": "core", "Soft": -1, "Hard": -1}]}})"},
    {R"({"storage_opt": {"size": "10G"}, "sysctls": {"net.core.somaxconn": 1024}})",
     R"({"HostConfig": {"StorageOpt": {"size": "10G"}, "Sysctls": {"net.core.somaxconn": "1024"}}})"},
};
INSTANTIATE_TEST_SUITE_P(Limits, DockerKeyword, testing::ValuesIn(k_limit_cases));

constexpr KeywordCase k_isolation_cases[] = {
    {R"({"cap_add": ["SYS_PTRACE"], "cap_drop": ["ALL"], "privileged": true, "read_only": true, "init": true})",
     R"({"HostConfig": {"CapAdd": ["SYS_PTRACE"], "CapDrop": ["ALL"], "Privileged": true, "ReadonlyRootfs": true}})"},
    {R"({"cgroup_parent": "/c", "cgroupns": "private", "ipc_mode": "host", "pid_mode": "host", "userns_mode": "host", "uts_mode": "host"})",
     R"({"HostConfig": {"CgroupParent": "/c", "CgroupnsMode": "private", "IpcMode": "host", "PidMode": "host", "UsernsMode": "host", "UTSMode": "host"}})"},
    {R"({"security_opt": ["seccomp=unconfined"], "group_add": ["audio", 101], "runtime": "runsc", "isolation": "default"})",
     R"({"HostConfig": {"SecurityOpt": ["seccomp=unconfined"], "GroupAdd": ["audio", "101"], "Runtime": "runsc", "Isolation": "default"}})"},
    {R"({"devices": ["/dev/sda:/dev/xvda:r", "/dev/fuse", "/dev/a:/dev/b", {"PathOnHost": "/dev/c"}], "device_cgroup_rules": ["c 7:* rmw"]})",
     R"({"HostConfig": {"Devices": [
        {"PathOnHost": "/dev/sda", "PathInContainer": "/dev/xvda", "CgroupPermissions": "r"},
        {"PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse", "CgroupPermissions": "rwm"},
        {"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "rwm"},
        {"PathOnHost": "/dev/c", "PathInContainer": "/dev/c", "CgroupPermissions": "rwm"}],
        "DeviceCgroupRules": ["c 7:* rmw"]}})"},
    {R"({"device_requests": [{"count": -1, "capabilities": [["gpu"]]}, {"Driver": "nvidia", "DeviceIDs": ["0"], "Options": {"a": "b"}, "Count": 0, "Capabilities": []}]})",
     R"({"HostConfig": {"DeviceRequests": [
        {"Driver": "", "Count": -1, "DeviceIDs": [], "Capabilities": [["gpu"]], "Options": {}},
        {"Driver": "nvidia", "Count": 0, "DeviceIDs": ["0"], "Capabilities": [], "Options": {"a": "b"}}]}})"},
    {R"({"log_config": {"type": "json-file", "config": {"max-size": "1m", "max-file": 3}}})",
     R"({"HostConfig": {"LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "3"}}}})"},
    {R"({"log_config": {"Type": "none", "Config": null}})",
     R"({"HostConfig": {"LogConfig": {"Type": "none", "Config": {}}}})"},
    {R"({"restart_policy": {"Name": "no"}})",
     R"({"HostConfig": {"RestartPolicy": {"Name": "no"}}})"},
};
INSTANTIATE_TEST_SUITE_P(Isolation, DockerKeyword, testing::ValuesIn(k_isolation_cases));

constexpr KeywordCase k_mount_cases[] = {
    {R"({"volumes": {"/a": {"bind": "/mnt/a", "mode": "ro"}, "/b": {"bind": "/mnt/b"}, "c": "/mnt/c"}})",
     R"({"HostConfig": {"Binds": ["/a:/mnt/a:ro", "/b:/mnt/b:rw", "c:/mnt/c:rw"]}})"},
    {R"({"volumes": {"/a": {"bind": "/a", "ro": true, "propagation": "rslave"}, "/b": {"bind": "/b", "mode": "z"}}})",
     R"({"HostConfig": {"Binds": ["/a:/a:ro,rslave", "/b:/b:z"]}})"},
    {R"({"volumes": ["/a:/mnt/a", "/anonymous"], "volumes_from": "x,y:ro", "volume_driver": "local"})",
     R"({"HostConfig": {"Binds": ["/a:/mnt/a", "/anonymous"], "VolumesFrom": ["x", "y:ro"], "VolumeDriver": "local"}})"},
    {R"({"tmpfs": {"/tmp": "size=64m", "/run": ""}})",
     R"({"HostConfig": {"Tmpfs": {"/tmp": "size=64m", "/run": ""}}})"},
    {R"({"tmpfs": ["/tmp:size=64m,uid=1", "/run"]})",
     R"({"HostConfig": {"Tmpfs": {"/tmp": "size=64m,uid=1", "/run": ""}}})"},
    {R"({"mounts": [
        {"target": "/v", "source": "v", "no_copy": true, "labels": {"a": "b"}},
        {"target": "/b", "source": "/b", "type": "bind", "read_only": true, "propagation": "rslave"},
        {"target": "/t", "source": null, "type": "tmpfs", "tmpfs_size": "1m", "tmpfs_mode": 448},
        {"Target": "/m", "Source": "m", "Type": "volume", "ReadOnly": false, "VolumeOptions": {"NoCopy": true}}]})",
     R"({"HostConfig": {"Mounts": [
        {"Target": "/v", "Type": "volume", "Source": "v", "VolumeOptions": {"NoCopy": true, "Labels": {"a": "b"}}},
        {"Target": "/b", "Type": "bind", "Source": "/b", "ReadOnly": true, "BindOptions": {"Propagation": "rslave"}},
        {"Target": "/t", "Type": "tmpfs", "TmpfsOptions": {"SizeBytes": 1048576, "Mode": 448}},
        {"Target": "/m", "Source": "m", "Type": "volume", "ReadOnly": false, "VolumeOptions": {"NoCopy": true}},
        {"Type": "bind", "Source": "/srv/work space:1", "Target": "/jaypore_ci/run"}]}})"},
};
INSTANTIATE_TEST_SUITE_P(Mounts, DockerKeyword, testing::ValuesIn(k_mount_cases));

constexpr KeywordCase k_network_cases[] = {
    {R"({"ports": {"2222/tcp": 3333, "80": null, "1111/udp": ["127.0.0.1", 1111], "53/udp": [["127.0.0.1"], 54]}})",
     R"({"ExposedPorts": {"2222/tcp": {}, "80/tcp": {}, "1111/udp": {}, "53/udp": {}},
        "HostConfig": {"PortBindings": {
          "2222/tcp": [{"HostIp": "", "HostPort": "3333"}],
          "80/tcp": [{"HostIp": "", "HostPort": ""}],
          "1111/udp": [{"HostIp": "127.0.0.1", "HostPort": "1111"}],
          "53/udp": [{"HostIp": "127.0.0.1", "HostPort": ""}, {"HostIp": "", "HostPort": "54"}]}}})"},
    {R"({"ports": {"80": [8080, "8081"], "80/tcp": {"HostPort": 1, "HostIp": "::1"}}, "publish_all_ports": true})",
     R"({"ExposedPorts": {"80/tcp": {}},
        "HostConfig": {"PublishAllPorts": true, "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"},
          {"HostIp": "", "HostPort": "8081"}, {"HostIp": "::1", "HostPort": "1"}]}}})"},
    {R"({"dns": ["1.1.1.1"], "dns_opt": ["ndots:1"], "dns_search": ["x"], "extra_hosts": {"db": "10.0.0.1", "a": "::1"}})",
     R"({"HostConfig": {"Dns": ["1.1.1.1"], "DnsOptions": ["ndots:1"], "DnsSearch": ["x"], "ExtraHosts": ["a:::1", "db:10.0.0.1"]}})"},
    {R"({"extra_hosts": ["host.docker.internal:host-gateway"]})",
     R"({"HostConfig": {"ExtraHosts": ["host.docker.internal:host-gateway"]}})"},
    {R"({"network_mode": "host"})", R"({"HostConfig": {"NetworkMode": "host"}})"},
    {R"({"network_mode": "bridge", "links": {"db": "database", "cache": null}})",
     R"({"HostConfig": {"NetworkMode": "bridge", "Links": ["cache", "db:database"]}})"},
    {R"({"links": {"db": "database"}})",
     R"({"NetworkingConfig": {"EndpointsConfig": {"jayporeci__net__0123456789": {"Links": ["db:database"]}}}})"},
    {R"({"network": "backend"})", R"({"HostConfig": {"NetworkMode": "backend"}})"},
    {R"({"network": "backend", "networking_config": {"backend": {"Aliases": ["x"], "IPAMConfig": {"IPv4Address": "10.0.0.9"}}}})",
     R"({"HostConfig": {"NetworkMode": "backend"}, "NetworkingConfig": {"EndpointsConfig": {"backend": {"Aliases": ["x"], "IPAMConfig": {"IPv4Address": "10.0.0.9"}}}}})"},
};
INSTANTIATE_TEST_SUITE_P(Networks, DockerKeyword, testing::ValuesIn(k_network_cases));

TEST(DockerKeywords, AreAllInThisTable) {
  std::string all;
  for (const auto& cases :
       {std::span<const KeywordCase>(k_config_cases), std::span<const KeywordCase>(k_limit_cases),
        std::span<const KeywordCase>(k_isolation_cases),
        std::span<const KeywordCase>(k_mount_cases), std::span<const KeywordCase>(k_network_cases)})
    for (const auto& each : cases) all += each.kwargs;
  all += R"("environment")";  // has a test of its own
  for (const auto name : known_keywords())
    EXPECT_TRUE(all.contains('"' + std::string(name) + '"')) << name;
}

TEST(DockerBody, GivesAServiceItsNameInTheNetworkThatItChooses) {
  EXPECT_EQ(
      body_of(job_of(
          R"({"network": "backend", "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 5}})",
          true)),
      plain_body(
          R"({"HostConfig": {"NetworkMode": "backend", "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5}},
      "NetworkingConfig": {"EndpointsConfig": {"backend": {"Aliases": ["unit-test"]}}}})"));
  EXPECT_EQ(body_of(job_of(R"({"network_mode": "host"})", true)),
            plain_body(R"({"HostConfig": {"NetworkMode": "host"}})"));
}

TEST(DockerBody, LeavesAServiceItsFirstProcessWhereItSaysSo) {
  EXPECT_EQ(body_of(job_of(R"({"network_mode": "host", "init": false})", true)),
            plain_body(R"({"HostConfig": {"Init": false, "NetworkMode": "host"}})"));
}

// ---- options

TEST(DockerOptions, AreTheDefaultsWhereNobodySaysAnything) {
  const Options options = options_of(job_of("{}", true));
  EXPECT_TRUE(options.docker_socket);
  EXPECT_EQ(options.pull, Pull::missing);
  EXPECT_EQ(options.ready, Ready());
  EXPECT_EQ(options.ready_timeout, 60s);
  EXPECT_EQ(options.platform, "");
}

TEST(DockerOptions, AreRead) {
  const Options options = options_of(job_of(
      R"({"docker_socket": false, "pull": "always", "ready_timeout": 0.25, "platform": "linux/arm64"})"));
  EXPECT_FALSE(options.docker_socket);
  EXPECT_EQ(options.pull, Pull::always);
  EXPECT_EQ(options.ready_timeout, 250ms);
  EXPECT_EQ(options.platform, "linux/arm64");
  EXPECT_EQ(options_of(job_of(R"({"pull": "never"})")).pull, Pull::never);
}

TEST(DockerOptions, TellWhenAServiceIsReady) {
  const auto ready = [](std::string_view given) {
    return options_of(job_of(R"({"ready": )" + std::string(given) + "}", true)).ready;
  };
  const Ready command = ReadyCommand{{"/bin/sh", "-c", "pg_isready -q"}};
  EXPECT_EQ(ready("5432"), Ready(ReadyPort{5432}));
  EXPECT_EQ(ready(R"({"port": 5432})"), Ready(ReadyPort{5432}));
  EXPECT_EQ(ready(R"("pg_isready -q")"), command);
  EXPECT_EQ(ready(R"({"command": "pg_isready -q"})"), command);
  EXPECT_EQ(ready(R"(["pg_isready", "-q"])"), Ready(ReadyCommand{{"pg_isready", "-q"}}));
  EXPECT_EQ(ready(R"("http://:8080/health?a=b")"), Ready(ReadyHttp{8080, "/health?a=b"}));
  EXPECT_EQ(ready(R"("http://localhost")"), Ready(ReadyHttp{80, "/"}));
  EXPECT_EQ(ready(R"("http://127.0.0.1:81?x")"), Ready(ReadyHttp{81, "/?x"}));
  EXPECT_EQ(ready(R"({"port": 8080, "path": "/health"})"), Ready(ReadyHttp{8080, "/health"}));
}

TEST(DockerOptions, DoNotAskAJobWhetherItIsReady) {
  EXPECT_EQ(options_of(job_of(R"({"ready": 5432})")).ready, Ready());
}

TEST(SharesVolumes, WhateverOthersMayHaveAsWell) {
  const auto shares = [](const std::string& kwargs) {
    return shares_volumes(options_of(job_of(kwargs)));
  };
  EXPECT_FALSE(shares("{}"));
  EXPECT_FALSE(shares(R"({"tmpfs": {"/tmp": ""}})"));
  EXPECT_TRUE(shares(R"({"volumes": {"cache": {"bind": "/cache"}}})"));
  EXPECT_TRUE(shares(R"({"mounts": [{"Target": "/cache", "Source": "cache", "Type": "volume"}]})"));
  EXPECT_TRUE(shares(R"({"volumes_from": ["other"]})"));
}

TEST(NeedsOwnNetwork, WhateverTouchesTheNetworkAndEveryService) {
  const auto needs = [](std::string_view kwargs, bool is_service = false) {
    const Job job = job_of(kwargs, is_service);
    return needs_own_network(job, options_of(job));
  };
  EXPECT_TRUE(needs("{}", true));
  for (const auto* kwargs :
       {R"({"ports": {"80": 80}})", R"({"hostname": "h"})", R"({"domainname": "d"})",
        R"({"dns": ["1.1.1.1"]})", R"({"dns_opt": ["a"]})", R"({"dns_search": ["a"]})",
        R"({"extra_hosts": {"a": "::1"}})", R"({"network": "n"})", R"({"network_mode": "host"})",
        R"({"network_disabled": true})", R"({"mac_address": "02:42:ac:11:00:02"})",
        R"({"privileged": true})", R"({"cap_add": ["SYS_PTRACE", "cap_net_admin"]})",
        R"({"cap_add": ["ALL"]})", R"({"sysctls": {"net.ipv4.ip_forward": 1}})",
        R"({"links": {"a": "b"}})", R"({"publish_all_ports": true})", R"({"runtime": "runsc"})"})
    EXPECT_TRUE(needs(kwargs)) << kwargs;
  for (const auto* kwargs :
       {"{}", R"({"ports": {}})", R"({"dns": []})", R"({"privileged": false})",
        R"({"cap_add": ["SYS_PTRACE"]})", R"({"sysctls": {"kernel.msgmax": 1}})",
        R"({"mem_limit": "1g", "init": true, "user": "1"})"})
    EXPECT_FALSE(needs(kwargs)) << kwargs;
}

TEST(ContainerName, NamesRunAndJob) {
  EXPECT_EQ(container_name("0123456789", job_of("{}")), "jayporeci__job__0123456789__Unit-Test");
  EXPECT_EQ(service_alias(job_of("{}")), "unit-test");
}

// ---- mistakes

struct Mistake {
  std::string_view kwargs;
  std::string_view said;
  bool is_service = false;
  friend void PrintTo(const Mistake& each, std::ostream* out) { *out << each.kwargs; }
};

class DockerMistake : public testing::TestWithParam<Mistake> {};

TEST_P(DockerMistake, IsNamedWithAWayOut) {
  EXPECT_EQ(complaint(job_of(GetParam().kwargs, GetParam().is_service)),
            "job `Unit-Test`: " + std::string(GetParam().said));
}

constexpr Mistake k_mistakes[] = {
    {R"({"mem_limt": "1g"})",
     "unknown `executor_kwargs` entry `mem_limt`; did you mean `mem_limit`?"},
    {R"({"pul": "never"})", "unknown `executor_kwargs` entry `pul`; did you mean `pull`?"},
    {R"({"zzzzzz": 1})",
     "unknown `executor_kwargs` entry `zzzzzz`; it takes what docker-py's `containers.run` takes"},
    {R"({"mem_limit": true})",
     "`mem_limit` takes a size as an int or a str such as \"512m\", not a bool"},
    {R"({"mem_limit": "much"})",
     "`mem_limit` takes a size such as \"512m\" or \"1.5g\", not \"much\""},
    {R"({"mem_limit": "5mm"})",
     "`mem_limit` takes a size such as \"512m\" or \"1.5g\", not \"5mm\""},
    {R"({"mem_limit": "nan"})", "`mem_limit` has a size beyond 64 bits"},
    {R"({"mem_limit": "9999999999t"})", "`mem_limit` has a size beyond 64 bits"},
    {R"({"mem_limit": -1})", "`mem_limit` takes at least 0 bytes, not -1"},
    {R"({"mem_swappiness": 101})", "`mem_swappiness` takes an int from -1 to 100, not 101"},
    {R"({"pids_limit": -2})", "`pids_limit` takes an int of at least -1, not -2"},
    {R"({"nano_cpus": 0.5})", "`nano_cpus` takes an int, not a float"},
    {R"({"cap_add": "ALL"})", "`cap_add` takes a list of str, not a str"},
    {R"({"cap_add": [1]})", "an item of `cap_add` takes a str, not an int"},
    {R"({"cgroupns": "x"})", "`cgroupns` takes \"private\" or \"host\", not \"x\""},
    {R"({"privileged": 1})", "`privileged` takes a bool, not an int"},
    {R"({"entrypoint": "a 'b"})", "`entrypoint` has a quote or a backslash with nothing behind it"},
    {R"({"environment": "A=b"})",
     "`environment` takes a dict, or a list of str such as \"NAME=value\", not a str"},
    {R"({"environment": ["=b"]})",
     "`environment` has a variable without a name; write \"NAME=value\""},
    {R"({"environment": {"A=b": "c"}})", "`environment` has the name `A=b`; a name has no `=`"},
    {R"({"environment": {"A": []}})", "`A` of `environment` takes a str or a number, not a list"},
    {R"({"environment": {"A": "\u0000"}})",
     "`A` of `environment` has a NUL byte, which no container can be given"},
    {R"({"ulimits": [{"name": "nofile", "sof": 1}]})",
     "an item of `ulimits` has an unknown key `sof`; did you mean `soft`?"},
    {R"({"ulimits": [{"soft": 1}]})", "an item of `ulimits` needs the key `name`"},
    {R"({"ulimits": [{"name": "nofile"}]})", "an item of `ulimits` needs `soft`, `hard` or both"},
    {R"({"ulimits": [{"name": "nofile", "soft": "1"}]})",
     "`soft` of an item of `ulimits` takes an int, not a str"},
    {R"({"healthcheck": {"interval": 5}})",
     "`interval` of `healthcheck` takes nanoseconds: 0, or at least 1000000 (1 ms), not 5"},
    {R"({"healthcheck": {"test": 5}})",
     "`test` of `healthcheck` takes a str or a list of str, not an int"},
    {R"({"ports": {"http": 80}})",
     "`ports` has the key \"http\"; a port is written 80, \"80\" or \"80/tcp\""},
    {R"({"ports": {"80/http": 80}})",
     "`ports` has the key \"80/http\"; a port is written 80, \"80\" or \"80/tcp\""},
    {R"({"ports": {"80": 65536}})", "`80` of `ports` takes an int from 0 to 65535, not 65536"},
    {R"({"ports": {"80": "eighty"}})", "`80` of `ports` has \"eighty\", which is no port"},
    {R"({"ports": [80]})", "`ports` takes a dict, not a list"},
    {R"({"volumes": {"/a": {"bind": "/b", "ro": true, "mode": "ro"}}})",
     "`/a` of `volumes` has both `mode` and `ro`; say one"},
    {R"({"volumes": {"/a": {"mode": "ro"}}})", "`/a` of `volumes` needs the key `bind`"},
    {R"({"volumes": {"/a": "b"}})", "`/a` of `volumes` takes a path that begins with /, not \"b\""},
    {R"({"volumes": {"/a": "/jaypore_ci/run/"}})",
     "something else is mounted to `/jaypore_ci/run`, where all jobs find the run's files; take "
     "another place"},
    {R"({"tmpfs": {"/jaypore_ci/run": ""}})",
     "something else is mounted to `/jaypore_ci/run`, where all jobs find the run's files; take "
     "another place"},
    {R"({"mounts": [{"target": "/a", "type": "bind", "no_copy": true}]})",
     "an item of `mounts` has `no_copy`, which is for the type \"volume\", not \"bind\""},
    {R"({"working_dir": "src"})", "`working_dir` takes a path that begins with /, not \"src\""},
    {R"({"command": "x"})", "`command` is the job's own: `p.job(name, command)`"},
    {R"({"image": "x"})", "`image` is the job's own argument: `p.job(name, command, image=...)`"},
    {R"({"name": "x"})",
     "`name` cannot be chosen: it tells the containers of different runs apart; a service is "
     "reached by its job name"},
    {R"({"init_path": "x"})",
     "`init_path` is not supported by any engine since Docker 17.05; use `init`"},
    {R"({"lxc_conf": {}})", "`lxc_conf` is not supported by any engine since Docker 1.10"},
    {R"({"detach": 1})", "`detach` takes a bool, not an int"},
    {R"({"labels": {"in.jayporeci.run": "x"}})",
     "`labels` has `in.jayporeci.run`, but what begins with `in.jayporeci.` is how a run finds its "
     "containers; take another name"},
    {R"({"network": "a", "network_mode": "host"})",
     "`network` and `network_mode` exclude each other; say one"},
    {R"({"network": ""})", "`network` is empty; name something, or leave it out"},
    {R"({"networking_config": {"a": {}}})",
     "`networking_config` is about the network that `network` names; name it there"},
    {R"({"network_mode": "host", "ports": {"80": 80}})",
     "`ports` cannot be published from the network of the host, whose ports they are already; "
     "leave one out"},
    {R"({"network_disabled": true, "ports": {"80": 80}})",
     "`network_disabled` and `ports` exclude each other; say one"},
    {R"({"network_disabled": true})",
     "a service with `network_disabled` could not be reached; leave one out", true},
    {R"({"restart_policy": {"Name": "always"}})",
     "`restart_policy` is for services: a job that is started again would never end"},
    {R"({"restart_policy": {"Name": "sometimes"}})",
     "`Name` of `restart_policy` takes \"no\" or \"on-failure\" or \"always\" or "
     "\"unless-stopped\" or \"\", not \"sometimes\""},
    {R"({"docker_socket": "no"})", "`docker_socket` takes a bool, not a str"},
    {R"({"pull": "sometimes"})",
     "`pull` takes \"always\", \"missing\" or \"never\", not \"sometimes\""},
    {R"({"ready_timeout": 0})",
     "`ready_timeout` takes seconds above 0 and at most 86400 (a day), not 0"},
    {R"({"ready_timeout": "1"})", "`ready_timeout` takes seconds as an int or a float, not a str"},
    {R"({"ready": true})",
     "`ready` takes a port, a command, a URL such as \"http://:8080/health\", or a dict with "
     "`command`, or `port` and `path`, not a bool"},
    {R"({"ready": 0})", "`ready` takes an int from 1 to 65535, not 0"},
    {R"({"ready": []})", "`ready` is empty; write a command, or leave it out"},
    {R"({"ready": "https://localhost"})",
     "`ready` takes no https:// URL; write a command, such as \"curl -fsk https://localhost\""},
    {R"({"ready": "http://example.org/"})",
     "`ready` has the host \"example.org\", but it is the service itself that is asked: write "
     "\"http://:port/path\""},
    {R"({"ready": "http://:0/"})", "`ready` has \"0\", which is no port"},
    {R"({"ready": "http://:80/a b"})",
     "`ready` has a blank or a control character; write it as %20 and the like"},
    {R"({"ready": {"port": 1, "command": "x"}})", "`ready` has both a command and a port; say one"},
    {R"({"ready": {"path": "/"}})", "`ready` needs the key `port`"},
};
INSTANTIATE_TEST_SUITE_P(All, DockerMistake, testing::ValuesIn(k_mistakes));

TEST(CheckJob, RefusesWhatEnginesCannotTake) {
  Job job = job_of("{}");
  EXPECT_EQ(complaint(job), "");
  job.command = std::vector<std::string>{"echo", "\xff"};
  EXPECT_EQ(complaint(job),
            "job `Unit-Test`: the command is not UTF-8, which engines cannot take; put it into a "
            "file of the commit");
  job.command = std::string("a\0b", 3);
  EXPECT_EQ(complaint(job),
            "job `Unit-Test`: the command has a NUL byte, which no process can be given");
}

TEST(CheckJob, RefusesAnImageThatIsNone) {
  Job job = job_of("{}");
  auto settings = std::make_shared<Settings>();
  settings->image = "Python";
  job.settings = settings;
  EXPECT_EQ(complaint(job),
            "job `Unit-Test`: `image` is `Python`, which names no image: the repository name "
            "`library/Python` must be in lower case");
}

// ---- any value at all

class RandomValues {
 public:
  explicit RandomValues(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return random_() % end; }

  Value value(int depth = 0) {
    switch (below(depth < 3 ? 7 : 5)) {
      case 0:
        return {};
      case 1:
        return {below(2) == 0};
      case 2:
        return {static_cast<std::int64_t>((random_() << below(64)) - 3)};
      case 3:
        return {k_numbers[below(std::size(k_numbers))]};
      case 4:
        return {std::string(k_texts[below(std::size(k_texts))])};
      case 5:
        return {list(depth)};
      default:
        return {dict(depth)};
    }
  }

 private:
  static constexpr double k_numbers[] = {0, -0.5, 1e9, 1e300, -1e300, NAN, INFINITY};
  static constexpr std::string_view k_texts[] = {"",          "/",
                                                 ":",         "/a:/b:ro",
                                                 "host",      "80",
                                                 "80/tcp",    "512m",
                                                 "A=b",       "=",
                                                 "http://:1", "name",
                                                 "Name",      "Target",
                                                 "bind",      "always",
                                                 "test",      "soft",
                                                 "'",         "\\",
                                                 "\xff",      std::string_view("\0", 1),
                                                 "type",      "volume",
                                                 "HostPort",  "Path",
                                                 "Rate",      "in.jayporeci.x"};

  Value::List list(int depth) {
    Value::List items;
    for (std::size_t left = below(4); left > 0; --left) items.push_back(value(depth + 1));
    return items;
  }
  Value::Dict dict(int depth) {
    Value::Dict items;
    for (std::size_t left = below(4); left > 0; --left)
      items[std::string(k_texts[below(std::size(k_texts))])] = value(depth + 1);
    return items;
  }

  std::mt19937_64 random_;
};

TEST(DockerBody, IsABodyOrABadConfigForWhateverIsGiven) {
  RandomValues random(20230401);
  auto names = known_keywords();
  names.insert(names.end(), {"ready", "ready_timeout", "pull", "docker_socket", "platform",
                             "use_config_proxy", "name", "unknown"});
  std::size_t taken = 0;
  for (int round = 0; round < 20000; ++round) {
    Value::Dict kwargs;
    for (std::size_t left = 1 + random.below(2); left > 0; --left)
      kwargs[std::string(names[random.below(names.size())])] = random.value();
    const Job job = job_with(std::move(kwargs), random.below(2) == 0);
    try {
      const std::string body = json::serialize(body_of(job, with_docker()));
      boost::system::error_code error;
      json::parse(body, error);
      EXPECT_FALSE(error) << body;
      ++taken;
    } catch (const BadConfig& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("job `Unit-Test`: ")) << error.what();
    }
  }
  EXPECT_GT(taken, 1000U);
  EXPECT_LT(taken, 15000U);
}

}  // namespace
}  // namespace jci::docker
