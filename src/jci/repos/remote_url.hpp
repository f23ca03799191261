// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jci {

/// Where a repository's remote is, in parts. User and password are dropped: an url of ours can be shown anywhere.
struct RemoteUrl {
  std::string scheme;  ///< "ssh", "https", "http", "git", "file", ...; lower case
  std::string host;    ///< lower case; an IPv6 address keeps its brackets; empty for "file"
  std::optional<std::uint16_t> port;
  std::string path;   ///< without slashes at its ends ("file": the leading one stays)
  std::string owner;  ///< all of the path but its last part: "owner", "group/subgroup", or empty
  std::string name;   ///< the last part of the path, without ".git"

  bool operator==(const RemoteUrl&) const = default;
};

/// Reads any form that git-fetch(1), "GIT URLS", knows: `scheme://[user[:password]@]host[:port]/path`, the scp-like
/// `[user@]host:path`, and plain paths. Nothing for an empty text or one without a path.
std::optional<RemoteUrl> parse_remote_url(std::string_view text);

/// `scheme://host[:port]/path`; a "file" is its plain path.
std::string to_string(const RemoteUrl& url);

}  // namespace jci
