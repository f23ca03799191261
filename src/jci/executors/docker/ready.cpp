// SPDX-License-Identifier: MIT
#include "jci/executors/docker/ready.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace jci::docker {
namespace {

constexpr std::string_view k_shape =
    "a port, a command, a URL such as \"http://:8080/health\", or a dict with `command`, or `port` "
    "and `path`";
constexpr std::string_view k_http = "http://";

std::uint16_t port_of(const Reading& argument) {
  return static_cast<std::uint16_t>(argument.whole(1, 65535));
}

ReadyCommand command_of(const Reading& argument) {
  if (argument.get_if<std::string>() != nullptr) {
    if (argument.text().empty()) argument.reject("is empty; write a command, or leave it out");
    return {{"/bin/sh", "-c", argument.text()}};
  }
  if (argument.get_if<Value::List>() == nullptr) argument.expect("a str or a list of str");
  ReadyCommand command{argument.texts()};
  if (command.argv.empty()) argument.reject("is empty; write a command, or leave it out");
  return command;
}

std::string path_of(const Reading& argument) {
  if (!argument.text().starts_with('/'))
    argument.reject(fmt::format("takes a path that begins with /, not \"{}\"", argument.text()));
  // It becomes part of a request, which ends at a blank or a line's end.
  for (const char c : argument.text())
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f')
      argument.reject("has a blank or a control character; write it as %20 and the like");
  return argument.text();
}

ReadyHttp url_of(const Reading& argument) {
  const std::string_view rest = std::string_view(argument.text()).substr(k_http.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const std::string_view host = authority.substr(0, authority.find(':'));
  if (!host.empty() && host != "localhost" && host != "127.0.0.1")
    argument.reject(
        fmt::format("has the host \"{}\", but it is the service itself that is asked: write "
                    "\"http://:port/path\"",
                    host));
  std::uint16_t port = 80;
  if (host.size() < authority.size()) {
    const std::string_view digits = authority.substr(host.size() + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0)
      argument.reject(fmt::format("has \"{}\", which is no port", digits));
  }
  std::string path(rest.substr(authority.size()));
  if (!path.starts_with('/')) path.insert(path.begin(), '/');
  const Value as_value{path};
  return {port, path_of(argument.with(as_value))};
}

Ready dict_of(const Reading& argument) {
  const Fields fields(argument, {"command", "port", "path"});
  const Reading* command = fields.find("command");
  const Reading* port = fields.find("port");
  const Reading* path = fields.find("path");
  if (command != nullptr) {
    if (port != nullptr || path != nullptr)
      argument.reject("has both a command and a port; say one");
    return command_of(*command);
  }
  const std::uint16_t number = port_of(fields.get("port"));
  if (path == nullptr) return ReadyPort{number};
  return ReadyHttp{number, path_of(*path)};
}

Ready text_of(const Reading& argument) {
  const std::string& text = argument.text();
  if (text.starts_with(k_http)) return url_of(argument);
  if (text.starts_with("https://"))
    argument.reject(
        "takes no https:// URL; write a command, such as \"curl -fsk https://localhost\"");
  return command_of(argument);
}

}  // namespace

Ready read_ready(const Reading& argument) {
  if (argument.get_if<std::string>() != nullptr) return text_of(argument);
  if (argument.get_if<Value::List>() != nullptr) return command_of(argument);
  if (argument.get_if<Value::Dict>() != nullptr) return dict_of(argument);
  if (argument.get_if<std::int64_t>() != nullptr) return ReadyPort{port_of(argument)};
  argument.expect(k_shape);
}

}  // namespace jci::docker
