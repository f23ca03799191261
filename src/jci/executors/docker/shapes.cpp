// SPDX-License-Identifier: MIT
#include "jci/executors/docker/shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace jci::docker {
namespace {

namespace json = boost::json;

json::string to_json(std::string_view text) { return json::string(text); }

json::array to_json(const std::vector<std::string>& texts) {
  json::array list;
  for (const std::string& text : texts) list.push_back(to_json(text));
  return list;
}

json::value one_of(const Reading& argument, std::initializer_list<std::string_view> allowed) {
  const std::string& given = argument.text();
  if (std::ranges::find(allowed, given) == allowed.end())
    argument.reject(fmt::format("takes \"{}\", not \"{}\"", fmt::join(allowed, "\" or \""), given));
  return to_json(given);
}

std::string_view before(std::string_view text, char mark) {
  return text.substr(0, text.find(mark));
}

std::string_view behind(std::string_view text, char mark) {
  const auto at = text.find(mark);
  return at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
}

/// Splits as Python's `shlex.split` does.
class Words {
 public:
  explicit Words(const Reading& argument) : argument_(argument), rest_(argument.text()) {}

  std::vector<std::string> split() {
    while (!rest_.empty()) step(take());
    finish_word();
    return std::move(words_);
  }

 private:
  char take() {
    if (rest_.empty()) argument_.reject("has a quote or a backslash with nothing behind it");
    const char next = rest_.front();
    rest_.remove_prefix(1);
    return next;
  }

  void step(char c) {
    if (std::string_view(" \t\r\n").contains(c)) return finish_word();
    in_word_ = true;
    if (c == '\'' || c == '"') return quoted(c);
    word_ += c == '\\' ? take() : c;
  }

  void quoted(char quote) {
    for (char c = take(); c != quote; c = take()) {
      if (c == '\\' && quote == '"') {
        c = take();
        if (c != '"' && c != '\\') word_ += '\\';
      }
      word_ += c;
    }
  }

  void finish_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  const Reading& argument_;
  std::string_view rest_;
  std::string word_;
  bool in_word_ = false;
  std::vector<std::string> words_;
};

/// `[{"Path": ..., field: ...}]`
json::value of_devices(const Reading& argument, std::string_view path, std::string_view field,
                       json::value (*convert)(const Reading&)) {
  json::array list;
  for (const Reading& item : argument.items("a list of dicts")) {
    const Fields fields(item, {path, field});
    list.push_back(
        json::object{{path, name(fields.get(path))}, {field, convert(fields.get(field))}});
  }
  return list;
}

// ---- ports

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number <= 65535;
}

/// "8080" or "8000-8010".
bool is_port_range(std::string_view text) {
  const auto first = before(text, '-');
  return is_port(first) && (first.size() == text.size() || is_port(behind(text, '-')));
}

std::string host_port(const Reading& port) {
  if (port.is_nothing()) return "";
  if (const auto* text = port.get_if<std::string>()) {
    if (text->empty() || is_port_range(*text)) return *text;
    port.reject(fmt::format("has \"{}\", which is no port", *text));
  }
  return std::to_string(port.whole(0, 65535));
}

json::object binding(std::string_view address, const std::string& port) {
  return {{"HostIp", to_json(address)}, {"HostPort", to_json(port)}};
}

json::object dict_binding(const Reading& given) {
  const Fields fields(given, {"HostIp", "HostPort"});
  const Reading* address = fields.find("HostIp");
  return binding(address == nullptr ? std::string() : address->text(),
                 host_port(fields.get("HostPort")));
}

/// An address and perhaps a port: a tuple in Python.
bool is_address_and_port(const std::vector<Reading>& items) {
  if (items.empty() || items.size() > 2) return false;
  const auto* address = items[0].get_if<std::string>();
  return address != nullptr && !is_port_range(*address);
}

json::object one_binding(const Reading& given) {
  if (given.get_if<Value::Dict>() != nullptr) return dict_binding(given);
  if (given.get_if<Value::List>() == nullptr) return binding("", host_port(given));
  const auto items = given.items();
  if (!is_address_and_port(items)) given.reject("takes an address and a port");
  return binding(items[0].text(), items.size() == 2 ? host_port(items[1]) : "");
}

json::array bindings(const Reading& given) {
  const auto* list = given.get_if<Value::List>();
  if (list == nullptr || is_address_and_port(given.items())) return {one_binding(given)};
  json::array each;
  for (const Reading& item : given.items()) each.push_back(one_binding(item));
  return each;
}

std::string container_port(const Reading& dict, std::string_view key) {
  const auto protocol = key.contains('/') ? behind(key, '/') : std::string_view("tcp");
  const bool known = protocol == "tcp" || protocol == "udp" || protocol == "sctp";
  if (!known || !is_port_range(before(key, '/')))
    dict.reject(fmt::format("has the key \"{}\"; a port is written 80, \"80\" or \"80/tcp\"", key));
  return fmt::format("{}/{}", before(key, '/'), protocol);
}

// ---- volumes

std::string volume_mode(const Fields& fields, const Reading& volume) {
  const Reading* mode = fields.find("mode");
  const Reading* read_only = fields.find("ro");
  if (mode != nullptr && read_only != nullptr) volume.reject("has both `mode` and `ro`; say one");
  std::string text = mode != nullptr ? mode->text() : "rw";
  if (read_only != nullptr) text = read_only->flag() ? "ro" : "rw";
  const Reading* propagation = fields.find("propagation");
  if (propagation == nullptr) return text;
  one_of(*propagation, {"rshared", "shared", "rslave", "slave", "rprivate", "private"});
  return text + (text.empty() ? "" : ",") + propagation->text();
}

std::string volume_target(const Reading& target) {
  return std::string(absolute_path(target).as_string());
}

std::string bind_of(const std::string& source, const Reading& volume) {
  if (volume.get_if<std::string>() != nullptr)
    return fmt::format("{}:{}:rw", source, volume_target(volume));
  const Fields fields(volume, {"bind", "mode", "ro", "propagation"});
  return fmt::format("{}:{}:{}", source, volume_target(fields.get("bind")),
                     volume_mode(fields, volume));
}

// ---- mounts

/// As `docker.types.Mount` builds it; that is what a config that imports docker-py passes.
json::object built_mount(const Reading& mount) {
  const Fields fields(mount, {"Target", "Source", "Type", "ReadOnly", "Consistency", "BindOptions",
                              "VolumeOptions", "TmpfsOptions"});
  json::object built = mount.json().as_object();
  built["Target"] = absolute_path(fields.get("Target"));
  built["Type"] = one_of(fields.get("Type"), {"bind", "volume", "tmpfs", "npipe"});
  return built;
}

void put(json::object& into, std::string_view field, const Fields& fields, std::string_view name,
         json::value (*convert)(const Reading&)) {
  if (const Reading* given = fields.find(name)) into[field] = convert(*given);
}

json::value any(const Reading& argument) { return argument.json(); }

void put_options(json::object& mount, std::string_view type, const Fields& fields) {
  json::object options;
  if (type == "bind") {
    put(options, "Propagation", fields, "propagation", text);
  } else if (type == "volume") {
    put(options, "NoCopy", fields, "no_copy", flag);
    put(options, "Labels", fields, "labels", scalars_by_name);
    put(options, "DriverConfig", fields, "driver_config", any);
  } else if (type == "tmpfs") {
    put(options, "SizeBytes", fields, "tmpfs_size", size<0>);
    put(options, "Mode", fields, "tmpfs_mode", whole<0, 07777>);
  }
  if (options.empty()) return;
  const auto field = type == "bind"     ? "BindOptions"
                     : type == "volume" ? "VolumeOptions"
                                        : "TmpfsOptions";
  mount[field] = std::move(options);
}

/// What a `type` alone takes is refused for another one, as docker-py does.
void refuse_options_of_others(const Reading& mount, std::string_view type, const Fields& fields) {
  struct Only {
    std::string_view option, type;
  };
  constexpr Only k_only[] = {{"propagation", "bind"}, {"no_copy", "volume"},
                             {"labels", "volume"},    {"driver_config", "volume"},
                             {"tmpfs_size", "tmpfs"}, {"tmpfs_mode", "tmpfs"}};
  for (const auto& [option, of] : k_only)
    if (of != type && fields.find(option) != nullptr)
      mount.reject(
          fmt::format("has `{}`, which is for the type \"{}\", not \"{}\"", option, of, type));
}

/// As the arguments of `docker.types.Mount`.
json::object described_mount(const Reading& mount) {
  const Fields fields(mount, {"target", "source", "type", "read_only", "consistency", "propagation",
                              "no_copy", "labels", "driver_config", "tmpfs_size", "tmpfs_mode"});
  json::object built = {{"Target", absolute_path(fields.get("target"))}, {"Type", "volume"}};
  if (const Reading* type = fields.find("type"))
    built["Type"] = one_of(*type, {"bind", "volume", "tmpfs", "npipe"});
  put(built, "Source", fields, "source", text);
  put(built, "ReadOnly", fields, "read_only", flag);
  put(built, "Consistency", fields, "consistency", text);
  const std::string type(built["Type"].as_string());
  refuse_options_of_others(mount, type, fields);
  put_options(built, type, fields);
  return built;
}

json::value one_mount(const Reading& mount) {
  const auto* dict = mount.get_if<Value::Dict>();
  if (dict == nullptr) mount.expect("a dict");
  return dict->contains("Target") ? built_mount(mount) : described_mount(mount);
}

json::value probe_time(const Reading& argument) {
  const std::int64_t nanoseconds = argument.whole(0);
  if (nanoseconds > 0 && nanoseconds < 1'000'000)
    argument.reject(
        fmt::format("takes nanoseconds: 0, or at least 1000000 (1 ms), not {}", nanoseconds));
  return nanoseconds;
}

json::value probe(const Reading& test) {
  if (test.get_if<std::string>() != nullptr) return {"CMD-SHELL", text(test)};
  if (test.get_if<Value::List>() == nullptr) test.expect("a str or a list of str");
  return texts(test);
}

json::value one_device(const Reading& device) {
  if (device.get_if<Value::Dict>() != nullptr) {
    const Fields fields(device, {"PathOnHost", "PathInContainer", "CgroupPermissions"});
    const json::value path = name(fields.get("PathOnHost"));
    json::object built = {
        {"PathOnHost", path}, {"PathInContainer", path}, {"CgroupPermissions", "rwm"}};
    put(built, "PathInContainer", fields, "PathInContainer", name);
    put(built, "CgroupPermissions", fields, "CgroupPermissions", text);
    return built;
  }
  const std::string& given = device.text();
  const auto inside = behind(given, ':');
  const auto permissions = behind(inside, ':');
  if (before(given, ':').empty())
    device.reject(
        "takes host path, path inside and permissions, such as \"/dev/sda:/dev/xvda:rwm\"");
  return json::object{{"PathOnHost", to_json(before(given, ':'))},
                      {"PathInContainer", to_json(before(inside.empty() ? given : inside, ':'))},
                      {"CgroupPermissions", to_json(permissions.empty() ? "rwm" : permissions)}};
}

void check_variable_name(const Reading& argument, std::string_view name) {
  if (name.empty()) argument.reject("has a variable without a name; write \"NAME=value\"");
  if (name.contains('='))
    argument.reject(fmt::format("has the name `{}`; a name has no `=`", name));
}

}  // namespace

json::value flag(const Reading& argument) { return argument.flag(); }

json::value text(const Reading& argument) { return to_json(argument.text()); }

json::value name(const Reading& argument) {
  if (argument.text().empty()) argument.reject("is empty; name something, or leave it out");
  return to_json(argument.text());
}

json::value absolute_path(const Reading& argument) {
  const std::string& path = argument.text();
  if (!path.starts_with('/'))
    argument.reject(fmt::format("takes a path that begins with /, not \"{}\"", path));
  return to_json(path);
}

json::value scalar(const Reading& argument) { return to_json(argument.scalar()); }

json::value texts(const Reading& argument) { return to_json(argument.texts()); }

json::value scalars(const Reading& argument) {
  json::array list;
  for (const Reading& item : argument.items()) list.push_back(scalar(item));
  return list;
}

json::value names(const Reading& argument) {
  if (argument.get_if<std::string>() == nullptr) return texts(argument);
  json::array list;
  for (std::string_view rest = argument.text(); !rest.empty(); rest = behind(rest, ','))
    list.push_back(to_json(before(rest, ',')));
  return list;
}

json::value words(const Reading& argument) {
  if (argument.get_if<std::string>() != nullptr) return to_json(Words(argument).split());
  if (argument.get_if<Value::List>() == nullptr) argument.expect("a str or a list of str");
  return texts(argument);
}

json::value scalars_by_name(const Reading& argument) {
  json::object dict;
  for (const auto& [key, value] : argument.entries()) dict[key] = scalar(value);
  return dict;
}

json::value cgroup_namespace(const Reading& argument) {
  return one_of(argument, {"private", "host"});
}

json::value device_rates(const Reading& argument) {
  return of_devices(argument, "Path", "Rate", whole<0>);
}

json::value device_weights(const Reading& argument) {
  return of_devices(argument, "Path", "Weight", whole<0, 1000>);
}

json::value device_requests(const Reading& argument) {
  json::array list;
  for (const Reading& item : argument.items("a list of dicts")) {
    const Fields fields(item, {"driver", "count", "device_ids", "capabilities", "options"});
    json::object request = {{"Driver", ""},
                            {"Count", 0},
                            {"DeviceIDs", json::array()},
                            {"Capabilities", json::array()},
                            {"Options", json::object()}};
    put(request, "Driver", fields, "driver", text);
    put(request, "Count", fields, "count", whole<-1>);
    put(request, "DeviceIDs", fields, "device_ids", texts);
    put(request, "Options", fields, "options", scalars_by_name);
    if (const Reading* sets = fields.find("capabilities")) {
      json::array& all = request["Capabilities"].as_array();
      for (const Reading& set : sets->items("a list of lists of str")) all.push_back(texts(set));
    }
    list.push_back(std::move(request));
  }
  return list;
}

json::value devices(const Reading& argument) {
  json::array list;
  for (const Reading& item : argument.items("a list of str")) list.push_back(one_device(item));
  return list;
}

json::value environment(const Reading& argument) {
  json::array list;
  if (argument.get_if<Value::List>() != nullptr) {
    for (const std::string& assignment : argument.texts()) {
      check_variable_name(argument, before(assignment, '='));
      list.push_back(to_json(assignment));
    }
    return list;
  }
  const auto variables = argument.entries("a dict, or a list of str such as \"NAME=value\"");
  for (const std::string& name : argument.bare_keys()) {
    check_variable_name(argument, name);
    list.push_back(to_json(name));
  }
  for (const auto& [name, value] : variables) {
    check_variable_name(argument, name);
    list.push_back(to_json(name + "=" + value.scalar()));
  }
  return list;
}

json::value healthcheck(const Reading& argument) {
  const Fields fields(argument, {"test", "interval", "timeout", "retries", "start_period"});
  json::object built;
  put(built, "Test", fields, "test", probe);
  put(built, "Interval", fields, "interval", probe_time);
  put(built, "Timeout", fields, "timeout", probe_time);
  put(built, "Retries", fields, "retries", whole<0>);
  put(built, "StartPeriod", fields, "start_period", probe_time);
  return built;
}

json::value labels(const Reading& argument) {
  if (argument.get_if<Value::Dict>() != nullptr) return scalars_by_name(argument);
  json::object dict;
  for (const Reading& item : argument.items("a dict or a list of str")) dict[item.text()] = "";
  return dict;
}

json::value links(const Reading& argument) {
  if (argument.get_if<Value::List>() != nullptr) return texts(argument);
  const auto aliases = argument.entries("a dict of container and alias");
  json::array list = to_json(argument.bare_keys());
  for (const auto& [container, alias] : aliases)
    list.push_back(to_json(alias.text().empty() ? container : container + ":" + alias.text()));
  return list;
}

json::value log_config(const Reading& argument) {
  const Fields fields(argument, {"type", "config"});
  json::object built = {{"Config", json::object()}};
  put(built, "Type", fields, "type", text);
  put(built, "Config", fields, "config", scalars_by_name);
  return built;
}

json::value mounts(const Reading& argument) {
  json::array list;
  for (const Reading& item : argument.items("a list of dicts")) list.push_back(one_mount(item));
  return list;
}

json::value networking_config(const Reading& argument) {
  json::object networks;
  for (const auto& [network, endpoint] : argument.entries()) {
    const Fields known(endpoint, {"Aliases", "Links", "IPAMConfig", "DriverOpts", "MacAddress"});
    networks[network] = endpoint.json();
  }
  return json::object{{"EndpointsConfig", std::move(networks)}};
}

json::value only_host(const Reading& argument) { return one_of(argument, {"host"}); }

json::value pairs(const Reading& argument) {
  if (argument.get_if<Value::List>() != nullptr) return texts(argument);
  json::array list;
  for (const auto& [key, value] : argument.entries("a dict of host name and address"))
    list.push_back(to_json(key + ":" + value.text()));
  return list;
}

json::value ports(const Reading& argument) {
  json::object all;
  const auto add = [&](std::string_view key, json::array bindings) {
    json::value& list = all[container_port(argument, key)];
    if (list.is_null()) list.emplace_array();
    for (json::value& each : bindings) list.as_array().push_back(std::move(each));
  };
  const auto given = argument.entries();
  for (const std::string& key : argument.bare_keys()) add(key, {binding("", "")});
  for (const auto& [key, value] : given) add(key, bindings(value));
  return all;
}

json::value restart_policy(const Reading& argument) {
  const Fields fields(argument, {"Name", "MaximumRetryCount"});
  json::object built;
  if (const Reading* policy = fields.find("Name"))
    built["Name"] = one_of(*policy, {"no", "on-failure", "always", "unless-stopped", ""});
  put(built, "MaximumRetryCount", fields, "MaximumRetryCount", whole<0>);
  return built;
}

json::value tmpfs(const Reading& argument) {
  if (argument.get_if<Value::Dict>() != nullptr) return scalars_by_name(argument);
  json::object dict;
  for (const Reading& item : argument.items("a dict or a list of str"))
    dict[before(item.text(), ':')] = to_json(behind(item.text(), ':'));
  return dict;
}

json::value ulimits(const Reading& argument) {
  json::array list;
  for (const Reading& item : argument.items("a list of dicts")) {
    const Fields fields(item, {"name", "soft", "hard"});
    const Reading* soft = fields.find("soft");
    const Reading* hard = fields.find("hard");
    if (soft == nullptr && hard == nullptr) item.reject("needs `soft`, `hard` or both");
    // A limit that is left out is the same as the other, as `docker run --ulimit nofile=1024` means it.
    list.push_back(json::object{{"Name", name(fields.get("name"))},
                                {"Soft", whole<-1>(soft != nullptr ? *soft : *hard)},
                                {"Hard", whole<-1>(hard != nullptr ? *hard : *soft)}});
  }
  return list;
}

json::value volumes(const Reading& argument) {
  if (argument.get_if<Value::List>() != nullptr) return texts(argument);
  json::array list;
  for (const auto& [source, volume] : argument.entries("a dict or a list of str"))
    list.push_back(to_json(bind_of(source, volume)));
  return list;
}

}  // namespace jci::docker
