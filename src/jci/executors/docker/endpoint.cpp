// SPDX-License-Identifier: MIT
#include "jci/executors/docker/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::string_view k_system_socket = "/var/run/docker.sock";
constexpr std::uint16_t k_plain_port = 2375;
constexpr std::uint16_t k_tls_port = 2376;

std::string value_of(const Variable& variable, const char* name) {
  return variable(name).value_or("");
}

bool exists(const fs::path& root, const fs::path& path) {
  std::error_code ignored;
  return fs::exists(beneath(root, path), ignored);
}

/// An address as someone wrote it.
struct Written {
  std::string_view text;
  std::string where;  // "`DOCKER_HOST`", "context `x`"

  [[noreturn]] void reject(std::string_view why) const {
    throw BadConfig(fmt::format("{} is `{}`, {}", where, text, why));
  }
};

constexpr std::string_view k_forms =
    "write unix:///path/to/socket, tcp://host:port or ssh://user@host:port";

UnixSocket unix_socket(const Written& written, std::string_view path) {
  if (path.empty()) return {k_system_socket};
  if (!path.starts_with('/'))
    written.reject(fmt::format("whose path does not begin with /; write unix:///{}", path));
  return {path};
}

std::uint16_t port_of(const Written& written, std::string_view digits, std::uint16_t otherwise) {
  if (digits.empty()) return otherwise;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0)
    written.reject(fmt::format("which has no port from 1 to 65535; {}", k_forms));
  return port;
}

struct HostAndPort {
  std::string_view host;  // without brackets
  std::string_view port;  // its digits; empty where there is none
};

/// `authority` is "host", "host:port", "[::1]:port".
HostAndPort split_authority(const Written& written, std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const auto host_end = bracketed ? authority.find(']') : authority.rfind(':');
  if (bracketed && host_end == std::string_view::npos)
    written.reject(fmt::format("which has no end of its address; {}", k_forms));
  const auto host = bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
  if (host.empty()) written.reject(fmt::format("which names no host; {}", k_forms));
  if (!bracketed && host.contains(':'))
    written.reject("whose IPv6 address needs brackets, as in `[::1]:2375`");
  auto rest = authority.substr(bracketed ? host_end + 1 : host.size());
  if (rest.starts_with(':'))
    rest.remove_prefix(1);
  else if (!rest.empty())
    written.reject(fmt::format("which has more than a host and a port; {}", k_forms));
  return {host, rest};
}

TcpAddress tcp_address(const Written& written, std::string_view authority,
                       const std::optional<Tls>& tls) {
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.find_first_of("/?#@ ") != std::string_view::npos)
    written.reject(fmt::format("which has more than a host and a port; {}", k_forms));
  const auto [host, port] = split_authority(written, authority);
  return {std::string(host), port_of(written, port, tls ? k_tls_port : k_plain_port), tls};
}

constexpr bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-+@/~").contains(c);
}

/// For names that become arguments of `ssh`: nothing that it takes for an option, or expands.
std::string_view plain(const Written& written, std::string_view what, std::string_view text) {
  const auto is_fit = [&](char c) { return is_plain(c) || (c == ':' && what == "host"); };
  if (text.starts_with('-') || !std::ranges::all_of(text, is_fit))
    written.reject(
        fmt::format("whose {} has characters that are not to be expected; {}", what, k_forms));
  return text;
}

/// `rest` is "[user@]host[:port][/path/to/socket]".
SshAddress ssh_address(const Written& written, std::string_view rest) {
  const auto slash = rest.find('/');
  const auto socket = slash == std::string_view::npos ? "" : rest.substr(slash);
  auto authority = rest.substr(0, slash);
  const auto at = authority.rfind('@');
  const auto user = at == std::string_view::npos ? "" : authority.substr(0, at);
  if (user.contains(':'))
    written.reject("which has a password; let ssh log in with a key, and write ssh://user@host");
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  const auto [host, port] = split_authority(written, authority);
  return {.host = std::string(plain(written, "host", host)),
          .user = std::string(plain(written, "user", user)),
          .port = port_of(written, port, 0),
          .socket = socket == "/" ? "" : plain(written, "path", socket)};
}

/// `tls` is asked only where it matters.
Address parse_address(const Written& written,
                      const std::function<std::optional<Tls>(bool wanted)>& tls) {
  const auto mark = written.text.find("://");
  const auto scheme = mark == std::string_view::npos ? "tcp" : written.text.substr(0, mark);
  const auto rest = mark == std::string_view::npos ? written.text : written.text.substr(mark + 3);
  if (scheme == "unix") return unix_socket(written, rest);
  if (scheme == "tcp" || scheme == "http") return tcp_address(written, rest, tls(false));
  if (scheme == "https") return tcp_address(written, rest, tls(true));
  if (scheme == "ssh") return ssh_address(written, rest);
  written.reject(fmt::format("whose scheme `{}` is not known; {}", scheme, k_forms));
}

/// The PEM files of a directory, as far as they exist.
Tls tls_files(const fs::path& directory, const fs::path& root, const std::string& where) {
  const auto file = [&](const char* name) {
    return exists(root, directory / name) ? directory / name : fs::path();
  };
  Tls tls{file("ca.pem"), file("cert.pem"), file("key.pem"), true};
  if (tls.cert.empty() != tls.key.empty())
    throw BadConfig(
        fmt::format("{}: `{}` has only one of cert.pem and key.pem; put both there, or none", where,
                    directory.native()));
  return tls;
}

/// By the rules of the `docker` command: a variable that is set counts, whatever its value.
std::optional<Tls> tls_of_environment(const Variable& variable, const ConfigFile& file,
                                      const fs::path& root, bool wanted) {
  const bool verify = !value_of(variable, "DOCKER_TLS_VERIFY").empty();
  if (!verify && !wanted && value_of(variable, "DOCKER_TLS").empty()) return std::nullopt;
  const std::string named = value_of(variable, "DOCKER_CERT_PATH");
  const fs::path directory = named.empty() ? file.directory : fs::path(named);
  Tls tls = tls_files(directory, root, "`DOCKER_HOST`");
  tls.verify = verify || wanted;
  if (verify && tls.ca.empty())
    throw BadConfig(
        fmt::format("`DOCKER_TLS_VERIFY` is set, but `{}` does not exist; put the engine's ca.pem "
                    "there, or set `DOCKER_CERT_PATH` to its directory",
                    (directory / "ca.pem").native()));
  return tls;
}

// ---- contexts: contexts/meta/<any>/meta.json tells one, contexts/tls/<the same>/docker/ holds its certificates

struct Context {
  std::string name;
  fs::path key;  // the name of its directories
  json::object content;
};

std::vector<Context> read_contexts(const ConfigFile& file, const fs::path& root) {
  std::vector<Context> contexts;
  std::error_code ignored;
  const fs::path meta = beneath(root, file.directory / "contexts" / "meta");
  for (const auto& entry : fs::directory_iterator(meta, ignored)) {
    JsonFile read = read_json_file(entry.path() / "meta.json");
    if (!read.content) continue;
    std::string name = text_at(*read.content, "Name");
    contexts.push_back({std::move(name), entry.path().filename(), std::move(*read.content)});
  }
  return contexts;
}

[[noreturn]] void reject_context(std::string_view wanted, std::string_view who,
                                 const std::vector<Context>& contexts) {
  std::vector<std::string_view> names;
  for (const Context& context : contexts) names.push_back(context.name);
  std::string hint = did_you_mean(wanted, names);
  if (hint.empty()) hint = "; `docker context ls` lists those that do";
  throw BadConfig(
      fmt::format("{} names the context `{}`, which does not exist{}", who, wanted, hint));
}

std::optional<Tls> tls_of_context(const Context& context, const ConfigFile& file,
                                  const fs::path& root, const std::string& where, bool wanted) {
  Tls tls = tls_files(file.directory / "contexts" / "tls" / context.key / "docker", root, where);
  const json::object* endpoints = object_at(context.content, "Endpoints");
  const json::object* docker = endpoints == nullptr ? nullptr : object_at(*endpoints, "docker");
  const json::value* skip = docker == nullptr ? nullptr : docker->if_contains("SkipTLSVerify");
  tls.verify = skip == nullptr || !skip->is_bool() || !skip->get_bool();
  const bool has_files = !tls.ca.empty() || !tls.cert.empty();
  if (!has_files && tls.verify && !wanted) return std::nullopt;
  return tls;
}

Endpoint endpoint_of(const Context& context, const ConfigFile& file, const fs::path& root) {
  const std::string where = "context " + ticked(context.name);
  const json::object* endpoints = object_at(context.content, "Endpoints");
  const json::object* docker = endpoints == nullptr ? nullptr : object_at(*endpoints, "docker");
  const std::string host = docker == nullptr ? "" : text_at(*docker, "Host");
  if (host.empty())
    throw BadConfig(
        fmt::format("{} names no docker engine; `docker context inspect {}` shows what it says",
                    where, context.name));
  const auto tls = [&](bool wanted) { return tls_of_context(context, file, root, where, wanted); };
  return {parse_address({host, where}, tls), where, {}, {}};
}

Endpoint find_context(std::string_view wanted, std::string_view who, const ConfigFile& file,
                      const fs::path& root) {
  const auto contexts = read_contexts(file, root);
  for (const Context& context : contexts)
    if (context.name == wanted) return endpoint_of(context, file, root);
  reject_context(wanted, who, contexts);
}

// ---- where nobody says anything

std::vector<std::string> usual_sockets(const Variable& variable) {
  const std::string runtime = value_of(variable, "XDG_RUNTIME_DIR");
  std::vector<std::string> sockets = {std::string(k_system_socket)};
  if (runtime.starts_with('/')) sockets.push_back(runtime + "/docker.sock");
  if (runtime.starts_with('/')) sockets.push_back(runtime + "/podman/podman.sock");
  sockets.emplace_back("/run/podman/podman.sock");
  return sockets;
}

Endpoint default_endpoint(const Variable& variable, const fs::path& root) {
  const auto sockets = usual_sockets(variable);
  const auto is_there = [&](const std::string& path) {
    std::error_code ignored;
    return fs::is_socket(beneath(root, path), ignored);
  };
  for (const std::string& socket : sockets)
    if (is_there(socket)) return {UnixSocket{socket}, "default", sockets, {}};
  return {UnixSocket{k_system_socket}, "default", sockets, {}};
}

std::string bracketed(const std::string& host) {
  return host.contains(':') ? "[" + host + "]" : host;
}

Endpoint choose(const Variable& variable, const ConfigFile& file, const fs::path& root) {
  if (const std::string host = value_of(variable, "DOCKER_HOST"); !host.empty()) {
    const auto tls = [&](bool wanted) { return tls_of_environment(variable, file, root, wanted); };
    return {parse_address({host, "`DOCKER_HOST`"}, tls), "`DOCKER_HOST`", {}, {}};
  }
  std::string context = value_of(variable, "DOCKER_CONTEXT");
  const bool by_variable = !context.empty();
  if (!by_variable) context = text_at(file.content, "currentContext");
  if (context.empty() || context == "default") return default_endpoint(variable, root);
  const std::string who = by_variable ? "`DOCKER_CONTEXT`" : ticked(file.path().native());
  return find_context(context, who, file, root);
}

}  // namespace

Endpoint find_endpoint(const Variable& variable, const ConfigFile& file, const fs::path& root) {
  Endpoint endpoint = choose(variable, file, root);
  endpoint.warning = file.warning;
  return endpoint;
}

std::string address_text(const Endpoint& endpoint) {
  if (const auto* socket = std::get_if<UnixSocket>(&endpoint.address))
    return "unix://" + socket->path.native();
  if (const auto* ssh = std::get_if<SshAddress>(&endpoint.address)) return address_text(*ssh);
  const auto& tcp = std::get<TcpAddress>(endpoint.address);
  return fmt::format("tcp://{}:{}", bracketed(tcp.host), tcp.port);
}

std::string address_text(const SshAddress& address) {
  return fmt::format("ssh://{}{}{}{}{}{}", address.user, address.user.empty() ? "" : "@",
                     bracketed(address.host), address.port == 0 ? "" : ":",
                     address.port == 0 ? "" : std::to_string(address.port),
                     address.socket.native());
}

}  // namespace jci::docker
