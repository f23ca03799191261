// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace jci::docker {

/// What the name of an image means, by the rules of the `docker` command: `python` is `docker.io/library/python:latest`.
/// Grammar: github.com/distribution/reference.
struct ImageName {
  std::string registry;    ///< "docker.io", "ghcr.io", "localhost:5000"
  std::string repository;  ///< "library/python"
  std::string
      tag;  ///< "latest" where the name has neither tag nor digest; empty where it has a digest alone
  std::string digest;  ///< "sha256:<hex>"; wins over a tag
  std::string
      id;  ///< "sha256:<hex>" of an image on the engine, which no registry knows; then all others are empty

  bool operator==(const ImageName&) const = default;

  /// What `fromImage` of `POST /images/create` takes: registry and repository, without the registry where it is docker.io and that is clear.
  std::string pull_name() const;
  /// What its `tag` takes: the digest, else the tag.
  const std::string& pull_tag() const { return digest.empty() ? tag : digest; }
};

/// The error goes on a sentence that names the argument: "is `Foo`, but ...; write ...".
std::expected<ImageName, std::string> parse_image(std::string_view text);

}  // namespace jci::docker
