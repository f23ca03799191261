// SPDX-License-Identifier: MIT
#include "jci/repos/remote_url.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace jci {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

/// Cuts `text` at the first `separator`; nothing if there is none.
std::optional<std::pair<std::string_view, std::string_view>> cut(std::string_view text,
                                                                 std::string_view separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  return std::pair(text.substr(0, at), text.substr(at + separator.size()));
}

std::string_view without_slashes_at_end(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

/// Fills path, owner and name.
std::optional<RemoteUrl> with_path(RemoteUrl url, std::string_view path) {
  if (url.scheme != "file")
    while (path.starts_with('/')) path.remove_prefix(1);
  path = without_slashes_at_end(path);
  if (path.empty() || path == "/") return std::nullopt;
  url.path = path;

  const auto slash = path.rfind('/');
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (name.size() > 4 && name.ends_with(".git")) name.remove_suffix(4);
  url.name = name;
  if (slash != std::string_view::npos) url.owner = path.substr(0, slash);
  while (url.owner.starts_with('/')) url.owner.erase(0, 1);
  return url;
}

/// Reads `[user[:password]@]host[:port]`. A password may hold an `@`, a host cannot.
bool read_authority(std::string_view authority, RemoteUrl& url) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  url.host = lower(authority.substr(0, has_port ? colon : std::string_view::npos));
  if (!has_port || colon + 1 == authority.size()) return !url.host.empty();

  const auto digits = authority.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  url.port = port;
  return !url.host.empty();
}

std::optional<RemoteUrl> parse_with_scheme(std::string_view scheme, std::string_view rest) {
  RemoteUrl url;
  url.scheme = lower(scheme);
  if (url.scheme == "git+ssh" || url.scheme == "ssh+git") url.scheme = "ssh";
  if (url.scheme == "file")
    return with_path(std::move(url), rest.substr(std::min(rest.find('/'), rest.size())));
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || !read_authority(rest.substr(0, slash), url))
    return std::nullopt;
  return with_path(std::move(url), rest.substr(slash));
}

/// Where the colon of the scp-like form is: git takes a text for it if no slash comes before its first colon.
std::size_t scp_colon(std::string_view text) {
  const auto bracket = text.find(']');
  const auto start = bracket != std::string_view::npos && text.find('[') < bracket ? bracket : 0;
  const auto colon = text.find(':', start);
  return colon != std::string_view::npos && text.find('/') > colon && colon > 0
             ? colon
             : std::string_view::npos;
}

}  // namespace

std::optional<RemoteUrl> parse_remote_url(std::string_view text) {
  if (const auto parts = cut(text, "://")) return parse_with_scheme(parts->first, parts->second);
  RemoteUrl url;
  const auto colon = scp_colon(text);
  if (colon == std::string_view::npos) {
    url.scheme = "file";
    return with_path(std::move(url), text);
  }
  url.scheme = "ssh";
  const auto host = text.substr(0, colon);
  url.host = lower(host.substr(host.rfind('@') + 1));
  if (url.host.empty()) return std::nullopt;
  return with_path(std::move(url), text.substr(colon + 1));
}

std::string to_string(const RemoteUrl& url) {
  if (url.scheme == "file") return url.path;
  const auto port = url.port ? ":" + std::to_string(*url.port) : std::string();
  return url.scheme + "://" + url.host + port + "/" + url.path;
}

}  // namespace jci
