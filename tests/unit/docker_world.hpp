// SPDX-License-Identifier: MIT
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "jci/executors/docker/config_file.hpp"
#include "jci/util/fd.hpp"
#include "temporary_directory.hpp"

namespace jci::docker {

/// An environment and a file system of its own, in which the home is `/home/u`.
class World {
 public:
  std::map<std::string, std::string> variables = {{"HOME", "/home/u"}};

  const std::filesystem::path& root() const { return directory_.path(); }

  Variable variable() const {
    return [this](const char* name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
  }

  ConfigFile config() const { return read_config_file(variable(), root()); }

  void write(const std::filesystem::path& path, std::string_view text = {}) const {
    std::filesystem::create_directories(beneath(root(), path).parent_path());
    std::ofstream(beneath(root(), path)) << text;
  }

  void write_config(std::string_view text) const { write("/home/u/.docker/config.json", text); }

  /// A socket in which nobody listens.
  void make_socket(const std::filesystem::path& path) const {
    const std::filesystem::path place = beneath(root(), path);
    std::filesystem::create_directories(place.parent_path());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (place.native().size() >= sizeof address.sun_path) throw std::runtime_error("too long");
    std::memcpy(address.sun_path, place.c_str(), place.native().size());
    const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot bind " + place.native());
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace jci::docker
