// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "jci/executors/docker/config_file.hpp"

namespace jci::docker {

struct UnixSocket {
  std::filesystem::path path;
  bool operator==(const UnixSocket&) const = default;
};

/// PEM files; an empty path: none.
struct Tls {
  std::filesystem::path ca;    ///< who vouches for the engine; none: the system's authorities
  std::filesystem::path cert;  ///< who we are; given together with `key`
  std::filesystem::path key;
  bool verify = true;  ///< whether the engine has to prove who it is
  bool operator==(const Tls&) const = default;
};

struct TcpAddress {
  std::string host;  ///< a name or an address, IPv6 without brackets
  std::uint16_t port = 0;
  std::optional<Tls> tls;  ///< nothing: not encrypted
  bool operator==(const TcpAddress&) const = default;
};

/// An engine on a machine that `ssh` reaches.
struct SshAddress {
  std::string
      host;  ///< a name of ~/.ssh/config or of the network, or an address; IPv6 without brackets
  std::string user = {};              ///< empty: whom ssh chooses
  std::uint16_t port = 0;             ///< 0: which ssh chooses
  std::filesystem::path socket = {};  ///< of the engine, there; empty: to be found out there
  bool operator==(const SshAddress&) const = default;
};

using Address = std::variant<UnixSocket, TcpAddress, SshAddress>;

/// Which engine, and who said so.
struct Endpoint {
  Address address;
  std::string source;              ///< "`DOCKER_HOST`", "context `x`", "default": for messages
  std::vector<std::string> tried;  ///< of the default: the sockets looked for, in order
  std::string warning;  ///< what was left aside on the way (a broken config.json); empty: nothing

  bool operator==(const Endpoint&) const = default;
};

/// The engine that the `docker` command would speak to: `DOCKER_HOST` (with `DOCKER_TLS_VERIFY`, `DOCKER_TLS` and
/// `DOCKER_CERT_PATH`), else the context of `DOCKER_CONTEXT` or of config.json, else the first socket that exists of the
/// system's, the user's own and podman's; where none does, the system's.
/// Connects to nothing. Throws BadConfig for an address that is none, or that we cannot speak to; a context or a certificate that
/// is missing. `root` is where `/` is, for tests: paths are looked for beneath it, and told without it.
Endpoint find_endpoint(const Variable& variable, const ConfigFile& file,
                       const std::filesystem::path& root = "/");

/// As `DOCKER_HOST` would say it: "unix:///var/run/docker.sock", "tcp://10.0.0.1:2375", "ssh://me@build".
std::string address_text(const Endpoint& endpoint);
std::string address_text(const SshAddress& address);

}  // namespace jci::docker
