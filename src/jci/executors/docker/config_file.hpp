// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "jci/core/settings.hpp"

namespace jci::docker {

/// Looks up an environment variable; nothing where it is not set.
using Variable = std::function<std::optional<std::string>(const char* name)>;

/// `config.json` of the `docker` command: contexts, credentials, proxies.
struct ConfigFile {
  std::filesystem::path
      directory;  ///< `$DOCKER_CONFIG`, else `$HOME/.docker`; empty where neither is set
  boost::json::object content;  ///< empty where there is no such file, or it cannot be used
  std::string warning;  ///< why it cannot be used; never what it says, for it may hold secrets

  std::filesystem::path path() const { return directory / "config.json"; }
};

/// Never throws for what the file is like. `root` is where `/` is, for tests.
ConfigFile read_config_file(const Variable& variable, const std::filesystem::path& root = "/");

/// The file at `path` as JSON; nothing where it is missing, a warning where it is broken.
struct JsonFile {
  std::optional<boost::json::object> content;
  std::string warning;
};
JsonFile read_json_file(const std::filesystem::path& path);

/// `path` as it is beneath `root`.
std::filesystem::path beneath(const std::filesystem::path& root, const std::filesystem::path& path);

/// The text at `key`; empty where there is none.
std::string text_at(const boost::json::object& object, std::string_view key);
/// The object at `key`; nullptr where there is none.
const boost::json::object* object_at(const boost::json::object& object, std::string_view key);

/// The proxy variables for jobs on the engine at `host` ("tcp://10.0.0.1:2375", "unix:///var/run/docker.sock"), in upper and lower case, from `proxies`.
Env proxy_environment(const ConfigFile& file, std::string_view host);

}  // namespace jci::docker
