// SPDX-License-Identifier: MIT
#include "jci/executors/docker/image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace jci::docker {
namespace {

constexpr std::string_view k_docker_hub = "docker.io";
constexpr std::size_t k_longest_name = 255;
constexpr std::size_t k_longest_tag = 128;
constexpr std::size_t k_shortest_digest = 32;
constexpr std::size_t k_id_length = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower_or_digit(char c) { return is_lower(c) || is_digit(c); }
bool is_letter_or_digit(char c) { return is_lower_or_digit(c) || is_upper(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_word(char c) { return is_letter_or_digit(c) || c == '_'; }

std::pair<std::string_view, std::string_view> split(std::string_view text, std::size_t at) {
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

/// Applies `holds` to the parts of `text` between `mark`s.
bool all_parts(std::string_view text, char mark, bool (*holds)(std::string_view)) {
  for (;;) {
    const auto at = text.find(mark);
    if (!holds(text.substr(0, at))) return false;
    if (at == std::string_view::npos) return true;
    text.remove_prefix(at + 1);
  }
}

/// Between the letters and digits of a path stand a dot, one or two underscores, or dashes.
bool is_separator(std::string_view text) {
  return text == "." || text == "_" || text == "__" ||
         std::ranges::all_of(text, [](char c) { return c == '-'; });
}

bool is_path_part(std::string_view part) {
  if (part.empty() || !is_lower_or_digit(part.front()) || !is_lower_or_digit(part.back()))
    return false;
  for (auto at = part.begin(); at != part.end();) {
    const auto separator = std::find_if_not(at, part.end(), is_lower_or_digit);
    at = std::find_if(separator, part.end(), is_lower_or_digit);
    if (separator != at && !is_separator({separator, at})) return false;
  }
  return true;
}

bool is_host_part(std::string_view part) {
  return !part.empty() && part.front() != '-' && part.back() != '-' &&
         std::ranges::all_of(part, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_ipv6(std::string_view host) {
  return host.size() > 2 && host.starts_with('[') && host.ends_with(']') &&
         std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
           return is_digit(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

bool is_registry(std::string_view registry) {
  const auto [host, port] =
      split(registry, registry.find(':', registry.starts_with('[') ? registry.find(']') : 0));
  const bool has_port = host.size() < registry.size();
  if (has_port && (port.empty() || !std::ranges::all_of(port, is_digit))) return false;
  return is_ipv6(host) || all_parts(host, '.', is_host_part);
}

bool is_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= k_longest_tag && is_word(tag.front()) &&
         std::ranges::all_of(tag, [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool is_digest(std::string_view digest) {
  const auto [algorithm, hex] = split(digest, digest.find(':'));
  return !algorithm.empty() && std::ranges::all_of(algorithm, is_letter_or_digit) &&
         hex.size() >= k_shortest_digest && std::ranges::all_of(hex, is_hex);
}

bool is_hex_id(std::string_view text) {
  return text.size() == k_id_length && std::ranges::all_of(text, is_hex);
}

/// Whether the part before the first `/` names a registry; else all is a path on Docker Hub.
bool names_registry(std::string_view first) {
  return first == "localhost" || first.contains('.') || first.contains(':') ||
         std::ranges::any_of(first, is_upper);
}

void split_registry(std::string_view name, ImageName& into) {
  const auto slash = name.find('/');
  if (slash != std::string_view::npos && names_registry(name.substr(0, slash))) {
    into.registry = name.substr(0, slash);
    into.repository = name.substr(slash + 1);
  } else {
    into.registry = k_docker_hub;
    into.repository = name;
  }
  if (into.registry == "index.docker.io") into.registry = k_docker_hub;
  if (into.registry == k_docker_hub && !into.repository.contains('/'))
    into.repository.insert(0, "library/");
}

/// Why a name made of these parts is none; empty if it is one.
std::string complaint(const ImageName& name) {
  if (std::ranges::any_of(name.repository, is_upper))
    return fmt::format("the repository name `{}` must be in lower case", name.repository);
  if (!all_parts(name.repository, '/', is_path_part))
    return fmt::format(
        "`{}` is no repository name: write letters and digits with single `.`, `_` or `-` between "
        "them, and `/`",
        name.repository);
  if (!is_registry(name.registry))
    return fmt::format("`{}` is no registry's address", name.registry);
  if (name.registry.size() + 1 + name.repository.size() > k_longest_name)
    return fmt::format("its name is longer than {} characters", k_longest_name);
  return "";
}

/// Takes the digest and the tag off the end of `text` into `into`; why that fails, or nothing.
std::string take_ends(std::string_view& text, ImageName& into) {
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    into.digest = text.substr(at + 1);
    if (!is_digest(into.digest))
      return fmt::format("`{}` is no digest: write \"@sha256:\" and 64 hexadecimal digits",
                         into.digest);
    text = text.substr(0, at);
  }
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos) {
    into.tag = text.substr(colon + 1);
    if (!is_tag(into.tag))
      return fmt::format("`{}` is no tag: write at most {} letters, digits, `_`, `.` or `-`",
                         into.tag, k_longest_tag);
    text = text.substr(0, colon);
  } else if (into.digest.empty()) {
    into.tag = "latest";
  }
  return "";
}

}  // namespace

std::string ImageName::pull_name() const {
  // Else the engine would take the user's name for a registry.
  const bool may_go_without =
      registry == k_docker_hub && !names_registry(repository.substr(0, repository.find('/')));
  return may_go_without ? repository : registry + "/" + repository;
}

std::expected<ImageName, std::string> parse_image(std::string_view text) {
  ImageName name;
  constexpr std::string_view k_id_mark = "sha256:";
  const auto hex = text.starts_with(k_id_mark) ? text.substr(k_id_mark.size()) : text;
  if (is_hex_id(hex)) {
    name.id = fmt::format("{}{}", k_id_mark, hex);
    return name;
  }
  std::string_view rest = text;
  std::string why = take_ends(rest, name);
  if (why.empty()) {
    split_registry(rest, name);
    why = complaint(name);
  }
  if (why.empty()) return name;
  return std::unexpected(fmt::format("is `{}`, which names no image: {}", text, why));
}

}  // namespace jci::docker
