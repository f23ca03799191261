// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "jci/executors/docker/config_file.hpp"

namespace jci::docker {

/// How we show ourselves to a registry. `header` is a secret: it goes into a request and nowhere else.
struct RegistryAuth {
  std::string header;  ///< the value of `X-Registry-Auth`; empty: as nobody
  std::string
      source;  ///< "`auths` of `/home/u/.docker/config.json`", "`docker-credential-pass`": for messages; empty: nobody
  std::string warning;  ///< what was tried and failed; empty: nothing. Holds no secret
};

/// The credentials of config.json for `registry` ("docker.io", "ghcr.io", "localhost:5000"): of its helper in `credHelpers`, else of
/// `credsStore`, else, also where the helper knows none, of `auths`. Docker Hub is known by any of its names there.
/// Blocks while a helper runs, which is killed after `deadline`. Never throws for what file and helpers are like.
RegistryAuth registry_auth(const ConfigFile& file, std::string_view registry,
                           std::chrono::milliseconds deadline = std::chrono::seconds(10));

}  // namespace jci::docker
